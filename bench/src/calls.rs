//! What a whole call costs, without sound.

use crate::bare;
use crate::phone::{Phones, sdp};
use crate::register::register_all;
use crate::server::{EXTENSIONS, Server};
use crate::table::{Figure, Table};
use anyhow::{Context, Result, bail};
use sip::message::{Message, Method, Name, Request, Response};

/// Complete calls, both legs, INVITE to BYE.
pub(crate) fn measure(table: &mut Table) -> Result<()> {
    let server = Server::start()?;
    let process = server.process();
    let mut phones = Phones::new(server.sip, EXTENSIONS)?;
    register_all(&mut phones, 0)?;
    let mut calls = Calls::default();
    calls.run(&mut phones, WARM_UP)?;
    let before = process.cpu()?;
    calls.messages = 0;
    calls.run(&mut phones, CALLS)?;
    let spent = (process.cpu()? - before).as_secs_f64();
    // Each message that a phone sends or gets is one that the server receives or sends; an echo does both.
    let bare = bare::datagram_cost(800)?.as_secs_f64() / 2.0;
    let least = bare * calls.messages as f64 / CALLS as f64;
    table.row(&Figure {
        what: "complete call, no media, server CPU",
        is: spent / CALLS as f64 * 1e6,
        limit: Some((least * 1e6, "bare UDP, as many datagrams")),
        reach: 250.0,
        unit: "us",
    });
    Ok(())
}

/// Calls from the lower half of the extensions to the upper half.
#[derive(Default)]
struct Calls {
    begun: usize,
    ended: usize,
    /// Messages that phones sent or got.
    messages: usize,
}

impl Calls {
    fn run(&mut self, phones: &mut Phones, count: usize) -> Result<()> {
        let (first, last) = (self.begun, self.begun + count);
        while self.ended < last {
            while self.begun < last && self.begun - self.ended < WINDOW {
                self.begin(phones, self.begun)?;
                self.begun += 1;
            }
            let message = phones.receive()?;
            self.messages += 1;
            match message {
                Message::Request(request) => self.requested(phones, &request)?,
                Message::Response(response) => self.answered(phones, &response)?,
            }
        }
        if self.ended - first != count {
            bail!("calls were lost");
        }
        Ok(())
    }

    fn begin(&mut self, phones: &mut Phones, call: usize) -> Result<()> {
        let from = call % WINDOW_PHONES;
        self.messages += 1;
        phones.invite(from, from + EXTENSIONS / 2, 4_000)
    }

    /// The called phone's side.
    fn requested(&mut self, phones: &Phones, request: &Request) -> Result<()> {
        match request.method() {
            Method::Ack => return Ok(()),
            Method::Invite => {
                let ringing = Response::to(request, 180).to_tag("callee").finish();
                phones.send(ringing.bytes())?;
                self.messages += 1;
            }
            _ => {}
        }
        let answer = Response::to(request, 200)
            .to_tag("callee")
            .header(Name::Contact, format!("<sip:callee@{}>", phones.at()));
        let answer = match request.method() {
            Method::Invite => answer.body("application/sdp", sdp(4_002)),
            _ => answer,
        };
        phones.send(answer.finish().bytes())?;
        self.messages += 1;
        Ok(())
    }

    /// The calling phone's side.
    fn answered(&mut self, phones: &mut Phones, response: &Response) -> Result<()> {
        let method = response.cseq()?.method;
        let from = response.from()?.uri().user().map(|user| user.to_owned());
        let from: usize = from.context("a caller")?.parse::<usize>()? - 1_000;
        match (method, response.status()) {
            (_, 100..200) => {}
            (Method::Invite, 200) => {
                for method in [Method::Ack, Method::Bye] {
                    let request = in_dialog(phones, response, method)?;
                    phones.send(request.bytes())?;
                    self.messages += 1;
                }
            }
            (Method::Invite, 401) => {
                phones.challenged(from, response)?;
                let ack = in_dialog(phones, response, Method::Ack)?;
                phones.send(ack.bytes())?;
                phones.invite(from, from + EXTENSIONS / 2, 4_000)?;
                self.messages += 2;
            }
            (Method::Bye, 200) => self.ended += 1,
            (method, status) => bail!("{method:?} was answered with {status}"),
        }
        Ok(())
    }
}

/// What follows an answer, to where it says.
fn in_dialog(phones: &mut Phones, response: &Response, method: Method) -> Result<Request> {
    let contact = response.contacts().next().and_then(Result::ok);
    let uri = contact.map_or_else(
        || String::from("sip:bellwire"),
        |contact| contact.uri_text().to_owned(),
    );
    let cseq = response.cseq()?;
    let (via, number) = match (&method, response.status()) {
        // That of a refusal belongs to the INVITE's transaction (RFC 3261 §17.1.1.3).
        (Method::Ack, 300..) => {
            let via = response.header(Name::Via).context("a Via")?;
            (via.to_owned(), cseq.number)
        }
        (Method::Ack, _) => (branch(phones), cseq.number),
        _ => (branch(phones), cseq.number + 1),
    };
    let request = Request::build(method.clone(), uri)
        .header(Name::Via, via)
        .header(Name::MaxForwards, 70)
        .header(Name::From, response.header(Name::From).context("From")?)
        .header(Name::To, response.header(Name::To).context("To")?)
        .header(Name::CallId, response.call_id().context("Call-ID")?)
        .header(Name::CSeq, format!("{number} {}", method.as_str()));
    Ok(request.finish())
}

fn branch(phones: &mut Phones) -> String {
    let count = phones.next();
    format!(
        "SIP/2.0/UDP {};branch=z9hG4bK-in-{count};rport",
        phones.at()
    )
}

const WARM_UP: usize = 500;
const CALLS: usize = 10_000;
/// Calls at a time: each caller has one, or it would be busy.
const WINDOW: usize = 40;
const WINDOW_PHONES: usize = EXTENSIONS / 2;
