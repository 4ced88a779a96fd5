//! What reading a message costs in allocations.
#![allow(
    unsafe_code,
    reason = "an allocator that counts is `unsafe` by its trait; it only counts and passes on"
)]

use sip::digest::Server;
use sip::message::{Message, Method, Name};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

#[test]
fn an_invite_with_all_that_a_pbx_needs_costs_12_allocations_at_most() {
    let bytes = include_bytes!("samples/invite.sip");
    let before = ALLOCATIONS.get();
    let needed = read(bytes);
    let allocations = ALLOCATIONS.get() - before;
    assert_eq!(needed, Some(21 + 1));
    assert!(allocations <= 12, "{allocations} allocations");
}

/// Reads what a PBX needs to know of an INVITE.
fn read(bytes: &[u8]) -> Option<u32> {
    let Message::Request(request) = Message::parse(bytes).ok()? else {
        return None;
    };
    let uri = sip::Uri::parse(request.uri()).ok()?;
    uri.decoded_user()?;
    let (via, from, to) = (
        request.via().ok()?,
        request.from().ok()?,
        request.to().ok()?,
    );
    via.branch()?;
    from.display()?;
    from.tag()?;
    let cseq = request.cseq().ok()?;
    let contact = request.contacts().next()?.ok()?;
    contact.param("+sip.instance")?;
    request.call_id()?;
    request.max_forwards().ok()??;
    request.header(Name::UserAgent)?;
    request.header(Name::SessionExpires)?;
    let credentials = Server::credentials(request.authorization())?;
    let known = request.lists(Name::Supported, "timer")
        && !request.lists(Name::Require, "100rel")
        && request.routes().next().is_none()
        && request.method() == Method::Invite
        && request.is_content("application/sdp")
        && to.tag().is_none()
        && credentials.username() == "100";
    (known && request.body().len() > 300).then_some(cseq.number + 1)
}

thread_local!(static ALLOCATIONS: Cell<usize> = const { Cell::new(0) });

struct Counting;

// SAFETY: everything is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that ends has no counter any more.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;
