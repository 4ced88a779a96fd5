//! Real peers for the real binary: phones, servers and files that tests drive.
