//! Faxes in processes of their own: the real binary, both ends of a call.

mod worker;
