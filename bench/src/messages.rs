//! What it costs to read and to write a message.

use crate::phone::sdp;
use crate::table::{Figure, Table};
use anyhow::Result;
use sip::message::{Message, Method, Name, Request, Response};
use std::hint::black_box;
use std::time::Instant;

/// An INVITE as a desk phone sends it, read with the headers that a PBX needs, and its answer.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let body = sdp(4_000);
    let head = INVITE.replace('\n', "\r\n");
    let head = head.replace("{LENGTH}", &body.len().to_string());
    let bytes = [head, body].concat().into_bytes();
    let copied = time(|| {
        // To touch each byte once and to keep a copy is what no parser can do without.
        let copy = black_box(&bytes).clone();
        black_box(copy.iter().filter(|byte| **byte == b'\n').count());
    });
    let parsed = time(|| {
        black_box(read(black_box(&bytes)));
    });
    let allocations = allocation_counter::measure(|| {
        black_box(read(black_box(&bytes)));
    });
    table.row(&Figure {
        what: "INVITE with SDP read, headers a PBX needs",
        is: parsed,
        limit: Some((copied, "copy and count lines")),
        reach: 2.0,
        unit: "us",
    });
    table.row(&Figure {
        what: "allocations of it",
        is: allocations.count_total as f64,
        limit: None,
        reach: 12.0,
        unit: "",
    });
    let Ok(Message::Request(invite)) = Message::parse(&bytes) else {
        anyhow::bail!("the INVITE of the measurement is malformed");
    };
    let built = time(|| {
        let answer = Response::to(black_box(&invite), 200)
            .to_tag("tag")
            .header(Name::Contact, "<sip:101@192.0.2.1:5060>")
            .body("application/sdp", sdp(4_000));
        black_box(answer.finish());
    });
    table.row(&Figure {
        what: "200 to it written",
        is: built,
        limit: Some((copied, "copy and count lines")),
        reach: 2.0,
        unit: "us",
    });
    let built = time(|| {
        let request = Request::build(Method::Bye, "sip:101@192.0.2.1:5060")
            .header(Name::Via, "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc")
            .header(Name::MaxForwards, 70)
            .header(Name::From, "<sip:100@192.0.2.1>;tag=a")
            .header(Name::To, "<sip:101@192.0.2.1>;tag=b")
            .header(Name::CallId, "abc")
            .header(Name::CSeq, "2 BYE");
        black_box(request.finish());
    });
    table.row(&Figure {
        what: "BYE written",
        is: built,
        limit: Some((copied, "copy and count lines")),
        reach: 2.0,
        unit: "us",
    });
    Ok(())
}

/// Everything that the server looks at before it forwards a call.
fn read(bytes: &[u8]) -> usize {
    let Ok(Message::Request(request)) = Message::parse(bytes) else {
        return 0;
    };
    let vias = request.vias().filter(Result::is_ok).count();
    let tags = request
        .from()
        .ok()
        .and_then(|from| from.tag())
        .map_or(0, str::len)
        + request
            .to()
            .ok()
            .and_then(|to| to.tag())
            .map_or(0, str::len);
    let contact = request.contacts().filter(Result::is_ok).count();
    let numbers = request.cseq().map_or(0, |cseq| cseq.number as usize);
    let forwards = request.max_forwards().ok().flatten().map_or(0, usize::from);
    let call_id = request.call_id().map_or(0, str::len);
    let routes = request.record_routes().count();
    let supported = request.values(Name::Supported).count();
    let uri = request.uri().len();
    let authorization = request.authorization().count();
    vias + tags
        + contact
        + numbers
        + forwards
        + call_id
        + routes
        + supported
        + uri
        + authorization
        + request.body().len()
}

/// Microseconds that something takes: the best of some batches, which is the one that was disturbed least.
fn time(mut work: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..BATCHES {
        let begun = Instant::now();
        for _ in 0..BATCH {
            work();
        }
        best = best.min(begun.elapsed().as_secs_f64());
    }
    best / f64::from(BATCH) * 1e6
}

const BATCHES: u32 = 20;
const BATCH: u32 = 5_000;

const INVITE: &str = "INVITE sip:101@192.0.2.1:5060;user=phone SIP/2.0
Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK1797410395;rport
From: \"Zhang San\" <sip:100@192.0.2.1>;tag=2099137316
To: <sip:101@192.0.2.1;user=phone>
Call-ID: 0_1862439713@192.0.2.20
CSeq: 1 INVITE
Contact: <sip:100@192.0.2.20:5060>
Authorization: Digest username=\"100\", realm=\"bellwire\", nonce=\"abcdefabcdef\", uri=\"sip:101@192.0.2.1\", response=\"0123456789abcdef0123456789abcdef\", algorithm=MD5, cnonce=\"0a4f113b\", qop=auth, nc=00000001
Content-Type: application/sdp
Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE, MESSAGE
Max-Forwards: 70
User-Agent: Yealink SIP-T46U 108.86.0.20
Supported: replaces
Allow-Events: talk,hold,conference,refer,check-sync
Content-Length: {LENGTH}

";
