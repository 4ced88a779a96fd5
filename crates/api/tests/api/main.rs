//! The interface with a real store, without a network.

mod agent;
mod calls;
mod contacts;
mod document;
mod events;
mod lists;
mod live;
mod matrix;
mod oneself;
mod prompts;
mod queues;
mod rooms;
mod sessions;
mod settings;
mod softphone;
mod support;
mod voicemail;
mod wake_ups;
