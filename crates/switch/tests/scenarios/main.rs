//! Scenarios on a simulated office: virtual time, no sockets.
#![expect(
    clippy::unwrap_used,
    reason = "a scenario that cannot go on has failed"
)]

mod asked;
mod blacklist;
mod calls;
mod codes;
mod conference;
mod disk;
mod explain;
mod follow_me;
mod forward_codes;
mod forwarding;
mod interactions;
mod intercom;
mod invitation;
mod ivr;
mod leave_message;
mod mailbox;
mod meeting;
mod monitoring;
mod music;
mod office;
mod outside;
mod parking;
mod pickup;
mod presence;
mod queue;
mod queue_live;
mod queue_load;
mod recording;
mod records;
mod restart;
mod ring_group;
mod room_pins;
mod schedule;
mod sound_check;
mod transfer;
mod wake_up;
