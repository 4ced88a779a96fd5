//! What operators and administrators see to.

mod blacklist;
mod calls;
mod contacts;
mod live;
mod prompts;
mod queue_days;
mod queues;
mod site;
mod tokens;
mod wake_ups;

pub(crate) use blacklist::{
    __path_blacklist, __path_block, __path_edit_blocked, __path_unblock, blacklist, block,
    edit_blocked, unblock,
};
pub(crate) use calls::{
    __path_admin_call, __path_admin_calls, __path_admin_calls_csv, __path_admin_recording,
    __path_admin_trace, admin_call, admin_calls, admin_calls_csv, admin_recording, admin_trace,
};
pub(crate) use contacts::{
    __path_admin_add_contact, __path_admin_contacts, __path_admin_edit_contact,
    __path_admin_remove_contact, admin_add_contact, admin_contacts, admin_edit_contact,
    admin_remove_contact,
};
pub(crate) use live::{__path_end_live, __path_live, end_live, live};
pub(crate) use prompts::{
    __path_prompt_audio, __path_prompts, __path_put_prompt_audio, __path_remove_prompt_audio,
    prompt_audio, prompts, put_prompt_audio, remove_prompt_audio,
};
pub(crate) use queues::{__path_queue, __path_queues, queue, queues};
pub(crate) use site::{__path_apply_site, __path_site_file, apply_site, site_file};
pub(crate) use tokens::{
    __path_add_token, __path_remove_token, __path_tokens, add_token, remove_token, tokens,
};
pub(crate) use wake_ups::{
    __path_admin_book_wake_ups, __path_admin_cancel_wake_up, __path_admin_move_wake_up,
    __path_admin_wake_ups, admin_book_wake_ups, admin_cancel_wake_up, admin_move_wake_up,
    admin_wake_ups,
};
