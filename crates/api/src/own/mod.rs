//! What belongs to one extension, and what all extensions see.

pub(crate) mod agent;
pub(crate) mod calls;
pub(crate) mod contacts;
mod csv;
mod directory;
mod feature_codes;
pub(crate) mod follow_me;
pub(crate) mod forwarding;
pub(crate) mod live;
mod peaks;
pub(crate) mod recording;
pub(crate) mod settings;
mod softphone;
mod sound_file;
mod target;
mod voicemail;
pub(crate) mod wake_ups;

pub(crate) use agent::{__path_agent, __path_set_agent, agent, set_agent};
pub(crate) use calls::{__path_call, __path_calls, __path_calls_csv, call, calls, calls_csv};
pub(crate) use contacts::routes::{
    __path_add_contact, __path_contacts, __path_edit_contact, __path_remove_contact, add_contact,
    contacts, edit_contact, remove_contact,
};
pub(crate) use csv::csv;
pub(crate) use directory::{__path_directory, directory};
pub(crate) use feature_codes::{__path_feature_codes, feature_codes};
pub(crate) use follow_me::{__path_follow_me, __path_set_follow_me, follow_me, set_follow_me};
pub(crate) use forwarding::{__path_forwarding, __path_set_forwarding, forwarding, set_forwarding};
pub(crate) use live::{__path_ask_live, __path_own_live, ask_live, own_live};
pub(crate) use peaks::{__path_voicemail_peaks, voicemail_peaks};
pub(crate) use recording::{__path_call_recording, call_recording};
pub(crate) use settings::{__path_set_settings, __path_settings, set_settings, settings};
pub(crate) use softphone::{__path_softphone, softphone};
pub(crate) use voicemail::{
    __path_mark_voicemail, __path_remove_voicemail, __path_voicemail, __path_voicemail_audio,
    mark_voicemail, remove_voicemail, voicemail, voicemail_audio,
};
pub(crate) use wake_ups::{
    __path_book_wake_up, __path_cancel_wake_up, __path_wake_ups, book_wake_up, cancel_wake_up,
    wake_ups,
};
