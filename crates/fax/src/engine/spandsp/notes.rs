//! What the library says in callbacks, kept until somebody looks.

use super::declared::{self, Statistics, T30State, T38Core};
use crate::engine::{Job, Task};
use std::cell::RefCell;
use std::ffi::{c_int, c_void};
use std::rc::Rc;

/// What the library said in a callback.
#[derive(Debug)]
pub(in crate::engine) enum Heard {
    /// A frame came.
    Received(Vec<u8>),
    /// A frame went.
    Sent(Vec<u8>),
    /// The call is over, with one of the library's codes and the pages that went through.
    Ended { code: i32, pages: u32 },
}

/// What callbacks leave for who looks.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) sends: bool,
    pub(super) heard: RefCell<Vec<Heard>>,
    pub(super) packets: RefCell<Vec<Vec<u8>>>,
}

impl Notes {
    pub(super) const fn new(job: &Job) -> Self {
        Self {
            sends: matches!(job.task, Task::Send { .. }),
            heard: RefCell::new(Vec::new()),
            packets: RefCell::new(Vec::new()),
        }
    }

    /// As the library carries it to callbacks. It is only read there.
    pub(super) fn user(self: &Rc<Self>) -> *mut c_void {
        Rc::as_ptr(self).cast_mut().cast()
    }

    fn note(&self, heard: Heard) {
        let Ok(mut list) = self.heard.try_borrow_mut() else {
            return;
        };
        if list.len() < NOTES_MAX || matches!(heard, Heard::Ended { .. }) {
            list.push(heard);
        }
    }
}

/// # Safety
/// The state is alive.
pub(super) unsafe fn pages(state: *mut T30State, sends: bool) -> u32 {
    let mut statistics = Statistics::default();
    // SAFETY: the state is alive, and the library fills the struct.
    unsafe { declared::t30_get_transfer_statistics(state, &raw mut statistics) };
    let pages = if sends {
        statistics.pages_tx
    } else {
        statistics.pages_rx
    };
    u32::try_from(pages).unwrap_or(0)
}

/// # Safety
/// Only the library calls it, with the notes that it was given and a frame of the length it says.
pub(super) unsafe extern "C" fn on_frame(
    _state: *mut T30State,
    user: *mut c_void,
    incoming: c_int,
    frame: *const u8,
    length: c_int,
) {
    let length = usize::try_from(length).unwrap_or(0);
    if frame.is_null() || length > FRAME_MAX {
        return; // Blocks of a page pass here too.
    }
    // SAFETY: the notes are alive as long as the state is; the frame is as long as the library says.
    let (notes, frame) = unsafe {
        (
            &*user.cast::<Notes>(),
            std::slice::from_raw_parts(frame, length),
        )
    };
    notes.note(if incoming == 0 {
        Heard::Sent(frame.to_vec())
    } else {
        Heard::Received(frame.to_vec())
    });
}

/// # Safety
/// Only the library calls it, with its state and the notes that it was given.
pub(super) unsafe extern "C" fn on_end(state: *mut T30State, user: *mut c_void, code: c_int) {
    // SAFETY: the notes are alive as long as the state is.
    let notes = unsafe { &*user.cast::<Notes>() };
    // SAFETY: the library calls this from within the state.
    let pages = unsafe { pages(state, notes.sends) };
    notes.note(Heard::Ended { code, pages });
}

/// # Safety
/// Only the library calls it, with the notes that it was given and a packet of the length it says.
pub(super) unsafe extern "C" fn on_packet(
    _core: *mut T38Core,
    user: *mut c_void,
    packet: *const u8,
    length: c_int,
    _times: c_int,
) -> c_int {
    let length = usize::try_from(length).unwrap_or(0);
    if packet.is_null() || length == 0 {
        return 0;
    }
    // SAFETY: the notes are alive as long as the state is; the packet is as long as the library says.
    let (notes, packet) = unsafe {
        (
            &*user.cast::<Notes>(),
            std::slice::from_raw_parts(packet, length),
        )
    };
    if let Ok(mut packets) = notes.packets.try_borrow_mut()
        && packets.len() < NOTES_MAX
    {
        packets.push(packet.to_vec());
    }
    0
}

/// Callbacks of one step that are kept.
const NOTES_MAX: usize = 64;

/// Frames of commands and answers are shorter; longer ones carry a page.
const FRAME_MAX: usize = 64;
