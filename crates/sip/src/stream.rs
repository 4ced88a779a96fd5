//! Where messages begin and end in a stream.
