//! The fax modem of spandsp, behind an interface that cannot be used wrongly.
//!
//! This is the one module of this crate that is not safe Rust. What the library gets from here is checked before:
//! lengths, paths, texts. What it calls back writes into [`Notes`] and does nothing else; no callback can panic.
#![allow(unsafe_code)]

mod declared;
mod notes;

use super::job::path;
use super::{Error, ErrorCorrection, Fastest, Job, Task};
use declared::{FaxState, T30State, T38Core, T38Terminal};
pub(super) use notes::Heard;
use notes::{Notes, on_end, on_frame, on_packet, pages};
use std::ffi::{CStr, c_int};
use std::ptr::{NonNull, null_mut};
use std::rc::Rc;

/// The modem over sound.
#[derive(Debug)]
pub(super) struct Modem {
    state: NonNull<FaxState>,
    // Callbacks write here as long as the state lives.
    _notes: Rc<Notes>,
    scratch: Vec<i16>,
}

impl Modem {
    /// Sets a modem up. What is returned beside it belongs to it: see [`T30`].
    pub(super) fn new(job: &Job) -> Result<(Self, T30), Error> {
        let notes = Rc::new(Notes::new(job));
        // SAFETY: with a null pointer the library allocates the state itself.
        let state = unsafe { declared::fax_init(null_mut(), c_int::from(notes.sends)) };
        let state = NonNull::new(state).ok_or(Error::Memory)?;
        let modem = Self {
            state,
            _notes: Rc::clone(&notes),
            scratch: Vec::new(),
        };
        // SAFETY: the state was just made and is alive.
        let t30 = unsafe {
            declared::fax_set_transmit_on_idle(state.as_ptr(), 1);
            declared::fax_get_t30_state(state.as_ptr())
        };
        let t30 = T30::new(t30, notes, job)?;
        Ok((modem, t30))
    }

    /// Takes samples.
    pub(super) fn hear(&mut self, samples: &[i16]) {
        // The library writes into what it is given (it removes the direct current).
        self.scratch.clear();
        self.scratch.extend_from_slice(samples);
        for block in self.scratch.chunks_mut(BLOCK_MAX) {
            // SAFETY: the state is alive, and the block is as long as is said.
            unsafe {
                declared::fax_rx(
                    self.state.as_ptr(),
                    block.as_mut_ptr(),
                    block.len() as c_int,
                );
            }
        }
    }

    /// Gives samples; what the library does not fill stays as it was.
    pub(super) fn speak(&mut self, samples: &mut [i16]) {
        for block in samples.chunks_mut(BLOCK_MAX) {
            // SAFETY: the state is alive, and the library writes at most as many samples as is said.
            unsafe {
                declared::fax_tx(
                    self.state.as_ptr(),
                    block.as_mut_ptr(),
                    block.len() as c_int,
                );
            }
        }
    }
}

impl Drop for Modem {
    fn drop(&mut self) {
        // SAFETY: made by `fax_init` and freed once. `T30` does not touch it any more: see there.
        unsafe { declared::fax_free(self.state.as_ptr()) };
    }
}

/// The modem's counterpart for T.38.
#[derive(Debug)]
pub(super) struct Terminal {
    state: NonNull<T38Terminal>,
    core: NonNull<T38Core>,
    notes: Rc<Notes>,
}

impl Terminal {
    /// Sets a terminal up. What is returned beside it belongs to it: see [`T30`].
    pub(super) fn new(job: &Job) -> Result<(Self, T30), Error> {
        let notes = Rc::new(Notes::new(job));
        // SAFETY: with a null pointer the library allocates the state itself; the notes outlive it, for the
        // terminal keeps them until it has freed the state.
        let state = unsafe {
            declared::t38_terminal_init(
                null_mut(),
                c_int::from(notes.sends),
                on_packet,
                notes.user(),
            )
        };
        let state = NonNull::new(state).ok_or(Error::Memory)?;
        // SAFETY: the state was just made and is alive; the core is a part of it.
        let core = unsafe { declared::t38_terminal_get_t38_core_state(state.as_ptr()) };
        let terminal = Self {
            state,
            core: NonNull::new(core).ok_or(Error::Memory)?,
            notes: Rc::clone(&notes),
        };
        // SAFETY: both are alive.
        let t30 = unsafe {
            declared::t38_set_t38_version(core, 0);
            declared::t38_set_data_rate_management_method(core, TRAINING_IS_TRANSFERRED);
            declared::t38_set_sequence_number_handling(core, 1);
            declared::t38_set_max_datagram_size(core, super::IFP_MAX as c_int);
            declared::t38_terminal_get_t30_state(state.as_ptr())
        };
        let t30 = T30::new(t30, notes, job)?;
        Ok((terminal, t30))
    }

    /// Takes a packet.
    pub(super) fn take(&mut self, number: u16, packet: &[u8]) {
        // SAFETY: the core is a part of the state, which is alive; the packet is as long as is said.
        unsafe {
            declared::t38_core_rx_ifp_packet(
                self.core.as_ptr(),
                packet.as_ptr(),
                packet.len() as c_int,
                number,
            );
        }
    }

    /// Lets time go by.
    pub(super) fn elapse(&mut self, samples: usize) {
        let samples = samples.min(BLOCK_MAX) as c_int;
        // SAFETY: the state is alive.
        unsafe { declared::t38_terminal_send_timeout(self.state.as_ptr(), samples) };
    }

    pub(super) fn has_packets(&self) -> bool {
        !self.notes.packets.borrow().is_empty()
    }

    /// What is to be sent, oldest first.
    pub(super) fn packets(&self) -> Vec<Vec<u8>> {
        self.notes.packets.take()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // SAFETY: made by `t38_terminal_init` and freed once. `T30` does not touch it any more: see there.
        unsafe { declared::t38_terminal_free(self.state.as_ptr()) };
    }
}

/// The protocol within a modem or a terminal.
///
/// It points into what it was made with. Both ends keep the two together in one struct and hand out neither, so
/// that it is never used after the other is gone; it has no `Drop` of its own.
#[derive(Debug)]
pub(super) struct T30 {
    state: NonNull<T30State>,
    notes: Rc<Notes>,
}

impl T30 {
    fn new(state: *mut T30State, notes: Rc<Notes>, job: &Job) -> Result<Self, Error> {
        let state = NonNull::new(state).ok_or(Error::Memory)?;
        let ident = job.ident()?;
        let t30 = state.as_ptr();
        // SAFETY: the state is alive. The library copies texts; those are no longer than its buffers, for `Job`
        // and `path` refuse longer ones. The notes outlive the state, for its owner keeps them.
        unsafe {
            declared::t30_set_tx_ident(t30, ident.as_ptr());
            match &job.task {
                Task::Send { file, from } => {
                    let from = c_int::try_from(*from).unwrap_or(c_int::MAX);
                    declared::t30_set_tx_file(t30, path(file)?.as_ptr(), from, -1);
                }
                Task::Receive { file } => {
                    let last = crate::tiff::PAGES_MAX as c_int;
                    declared::t30_set_rx_file(t30, path(file)?.as_ptr(), last);
                }
            }
            declared::t30_set_rx_encoding(t30, T6);
            let ecm = job.error_correction == ErrorCorrection::On;
            declared::t30_set_ecm_capability(t30, c_int::from(ecm));
            declared::t30_set_supported_modems(t30, modems(job.fastest));
            declared::t30_set_supported_compressions(t30, COMPRESSIONS);
            declared::t30_set_supported_resolutions(t30, RESOLUTIONS);
            declared::t30_set_supported_image_sizes(t30, SIZES);
            declared::t30_set_real_time_frame_handler(t30, on_frame, notes.user());
            declared::t30_set_phase_e_handler(t30, on_end, notes.user());
        }
        Ok(Self { state, notes })
    }

    /// What was said since it was asked last.
    pub(super) fn heard(&self) -> Vec<Heard> {
        self.notes.heard.take()
    }

    /// Pages that went through.
    pub(super) fn pages(&mut self) -> u32 {
        // SAFETY: the state is alive.
        unsafe { pages(self.state.as_ptr(), self.notes.sends) }
    }

    /// The other machine's number, if it told one.
    pub(super) fn peer(&mut self) -> Option<String> {
        // SAFETY: the state is alive; the text is the library's, ends with a zero, and is copied at once.
        let ident = unsafe {
            let ident = declared::t30_get_rx_ident(self.state.as_ptr());
            if ident.is_null() {
                return None;
            }
            CStr::from_ptr(ident)
        };
        let plain: String = ident
            .to_bytes()
            .iter()
            .filter(|byte| (b' '..=b'~').contains(*byte))
            .map(|byte| char::from(*byte))
            .collect();
        Some(plain.trim().to_owned()).filter(|ident| !ident.is_empty())
    }

    /// The line is gone: ends the call, keeping what was received.
    pub(super) fn terminate(&mut self) {
        // SAFETY: the state is alive.
        unsafe { declared::t30_terminate(self.state.as_ptr()) };
    }
}

const fn modems(fastest: Fastest) -> c_int {
    match fastest {
        Fastest::V27ter => 0x01,
        Fastest::V29 => 0x03,
        Fastest::V17 => 0x07,
    }
}

/// `T4_COMPRESSION_ITU_T6`.
const T6: c_int = 3;

/// `T30_SUPPORT_T4_1D_COMPRESSION`, `_T4_2D_`, `_T6_`.
const COMPRESSIONS: c_int = 0x02 | 0x04 | 0x08;

/// `T30_SUPPORT_STANDARD_RESOLUTION`, `_FINE_`, `_SUPERFINE_`, `_R8_`.
const RESOLUTIONS: c_int = 0x01 | 0x02 | 0x04 | 0x2_0000;

/// `T30_SUPPORT_215MM_WIDTH`, `_UNLIMITED_LENGTH`, `_A4_`, `_B4_`, `_US_LETTER_`, `_US_LEGAL_`.
const SIZES: c_int = 0x01 | 0x1F_0000;

/// Method 2 of T.38 §8.1: the training check goes from machine to machine.
const TRAINING_IS_TRANSFERRED: c_int = 2;

/// Samples that the library gets at once.
const BLOCK_MAX: usize = 1_600;
