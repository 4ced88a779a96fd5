//! The store through its public face, on real files.

mod configuration;
mod faults;
mod queues;
mod records;
mod support;
mod voicemail;
mod web;
