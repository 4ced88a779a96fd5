//! The functions of spandsp 0.0.6 that are used, as its headers declare them (`spandsp/fax.h`, `t30.h`,
//! `t30_api.h`, `t38_core.h`, `t38_terminal.h`).

use std::ffi::{c_char, c_int, c_void};

/// Things of the library's that are only known by their address.
macro_rules! opaque {
    ($($name:ident),*) => { $(
        #[repr(C)]
        pub(super) struct $name {
            _private: [u8; 0],
            _not_send: std::marker::PhantomData<*mut u8>,
        }
    )* };
}
opaque!(FaxState, T30State, T38Terminal, T38Core);

/// `t30_stats_t`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Statistics {
    pub(super) bit_rate: c_int,
    pub(super) error_correcting_mode: c_int,
    pub(super) pages_tx: c_int,
    pub(super) pages_rx: c_int,
    pub(super) pages_in_file: c_int,
    pub(super) x_resolution: c_int,
    pub(super) y_resolution: c_int,
    pub(super) width: c_int,
    pub(super) length: c_int,
    pub(super) image_size: c_int,
    pub(super) encoding: c_int,
    pub(super) bad_rows: c_int,
    pub(super) longest_bad_row_run: c_int,
    pub(super) error_correcting_mode_retries: c_int,
    pub(super) current_status: c_int,
}

pub(super) type FrameHandler =
    unsafe extern "C" fn(*mut T30State, *mut c_void, c_int, *const u8, c_int);
pub(super) type EndHandler = unsafe extern "C" fn(*mut T30State, *mut c_void, c_int);
pub(super) type PacketHandler =
    unsafe extern "C" fn(*mut T38Core, *mut c_void, *const u8, c_int, c_int) -> c_int;

#[link(name = "spandsp")]
unsafe extern "C" {
    pub(super) fn fax_init(state: *mut FaxState, calling: c_int) -> *mut FaxState;
    pub(super) fn fax_free(state: *mut FaxState) -> c_int;
    pub(super) fn fax_rx(state: *mut FaxState, samples: *mut i16, count: c_int) -> c_int;
    pub(super) fn fax_tx(state: *mut FaxState, samples: *mut i16, count: c_int) -> c_int;
    pub(super) fn fax_set_transmit_on_idle(state: *mut FaxState, on: c_int);
    pub(super) fn fax_get_t30_state(state: *mut FaxState) -> *mut T30State;

    pub(super) fn t38_terminal_init(
        state: *mut T38Terminal,
        calling: c_int,
        handler: PacketHandler,
        user: *mut c_void,
    ) -> *mut T38Terminal;
    pub(super) fn t38_terminal_free(state: *mut T38Terminal) -> c_int;
    pub(super) fn t38_terminal_send_timeout(state: *mut T38Terminal, samples: c_int) -> c_int;
    pub(super) fn t38_terminal_get_t30_state(state: *mut T38Terminal) -> *mut T30State;
    pub(super) fn t38_terminal_get_t38_core_state(state: *mut T38Terminal) -> *mut T38Core;
    pub(super) fn t38_core_rx_ifp_packet(
        core: *mut T38Core,
        bytes: *const u8,
        length: c_int,
        number: u16,
    ) -> c_int;
    pub(super) fn t38_set_t38_version(core: *mut T38Core, version: c_int);
    pub(super) fn t38_set_data_rate_management_method(core: *mut T38Core, method: c_int);
    pub(super) fn t38_set_sequence_number_handling(core: *mut T38Core, check: c_int);
    pub(super) fn t38_set_max_datagram_size(core: *mut T38Core, bytes: c_int);

    pub(super) fn t30_terminate(state: *mut T30State);
    pub(super) fn t30_get_transfer_statistics(state: *mut T30State, statistics: *mut Statistics);
    pub(super) fn t30_get_rx_ident(state: *mut T30State) -> *const c_char;
    pub(super) fn t30_set_tx_ident(state: *mut T30State, ident: *const c_char) -> c_int;
    pub(super) fn t30_set_tx_file(
        state: *mut T30State,
        file: *const c_char,
        from: c_int,
        to: c_int,
    );
    pub(super) fn t30_set_rx_file(state: *mut T30State, file: *const c_char, to: c_int);
    pub(super) fn t30_set_rx_encoding(state: *mut T30State, encoding: c_int) -> c_int;
    pub(super) fn t30_set_ecm_capability(state: *mut T30State, on: c_int) -> c_int;
    pub(super) fn t30_set_supported_modems(state: *mut T30State, modems: c_int) -> c_int;
    pub(super) fn t30_set_supported_compressions(state: *mut T30State, which: c_int) -> c_int;
    pub(super) fn t30_set_supported_resolutions(state: *mut T30State, which: c_int) -> c_int;
    pub(super) fn t30_set_supported_image_sizes(state: *mut T30State, which: c_int) -> c_int;
    pub(super) fn t30_set_real_time_frame_handler(
        state: *mut T30State,
        handler: FrameHandler,
        user: *mut c_void,
    );
    pub(super) fn t30_set_phase_e_handler(
        state: *mut T30State,
        handler: EndHandler,
        user: *mut c_void,
    );
}
