//! One call as a phone sees it, and the messages that it writes.

use super::PBX;
use sip::message::{Name, Request, Response};

/// One call as a phone sees it.
#[derive(Clone, Debug)]
pub struct Line {
    pub phone: &'static str,
    pub call_id: String,
    /// Our From (or To) with its tag.
    pub local: String,
    /// The other end's.
    pub remote: String,
    /// Where requests within the call go.
    pub target: String,
    cseq: u32,
    branch: u32,
    serial: u64,
}

impl Line {
    pub fn calling(phone: &'static str, extension: &str, target: &str, serial: u64) -> Self {
        let uri = if target.contains(':') {
            target.to_owned()
        } else {
            format!("sip:{target}@{PBX}")
        };
        Self {
            phone,
            call_id: format!("call-{serial}"),
            local: format!("\"liar\" <sip:{extension}@pbx>;tag=phone{serial}"),
            remote: format!("<{uri}>"),
            target: uri,
            cseq: 0,
            branch: 0,
            serial,
        }
    }

    pub fn called(phone: &'static str, invite: &Request, serial: u64) -> Self {
        let header = |name| invite.header(name).unwrap_or_default().to_owned();
        let contact = invite.contacts().next().and_then(Result::ok);
        Self {
            phone,
            call_id: header(Name::CallId),
            local: format!("{};tag=phone{serial}", header(Name::To)),
            remote: header(Name::From),
            target: contact
                .map(|it| it.uri_text().to_owned())
                .unwrap_or_default(),
            cseq: 0,
            branch: 0,
            serial,
        }
    }

    /// An INVITE: the first, a repeated one with credentials, or one within the call.
    pub fn invite(&mut self, headers: &str, body: &str) -> String {
        self.request("INVITE", headers, body)
    }

    /// A request within the call.
    pub fn request(&mut self, method: &str, headers: &str, body: &str) -> String {
        self.cseq += 1;
        self.branch += 1;
        self.message(method, headers, body)
    }

    /// The last request again, with credentials: same CSeq and branch as just counted.
    pub(super) fn repeat(&self, method: &str, headers: &str, body: &str) -> String {
        self.message(method, headers, body)
    }

    /// The ACK of the 2xx to the last INVITE.
    pub fn ack(&mut self, body: &str) -> String {
        self.branch += 1;
        self.message("ACK", "", body)
    }

    /// The ACK of a refusal: part of the INVITE's transaction.
    pub fn ack_refusal(&self, response: &Response) -> String {
        let to = response.header(Name::To).unwrap();
        let ack = self.message("ACK", "", "");
        ack.replace(
            &format!("To: {}\r\n", self.remote),
            &format!("To: {to}\r\n"),
        )
    }

    /// The CANCEL of the last INVITE.
    pub fn cancel(&self) -> String {
        self.message("CANCEL", "", "")
    }

    /// Takes tag and Contact of the other end from a response.
    pub fn learn(&mut self, response: &Response) {
        self.remote = response.header(Name::To).unwrap().to_owned();
        if let Some(Ok(contact)) = response.contacts().next() {
            self.target = contact.uri_text().to_owned();
        }
    }

    /// A response to a request of the other end.
    pub fn reply(&self, request: &Request, status: u16, headers: &str, body: &str) -> String {
        let contact = format!("<sip:{0}@{0}.invalid>", self.phone);
        let to = request.header(Name::To).unwrap();
        let to = if to.contains(";tag=") || status == 100 {
            to.to_owned()
        } else {
            self.local.clone()
        };
        let line = |name: Name| format!("{name}: {}\r\n", request.header(name.clone()).unwrap());
        format!(
            "SIP/2.0 {status} Whatever\r\n{}{}To: {to}\r\n{}{}Contact: {contact}\r\n{headers}{}",
            line(Name::Via),
            line(Name::From),
            line(Name::CallId),
            line(Name::CSeq),
            content(body)
        )
    }

    fn message(&self, method: &str, headers: &str, body: &str) -> String {
        let Self {
            phone,
            call_id,
            local,
            remote,
            target,
            cseq,
            branch,
            serial,
        } = self;
        format!(
            "{method} {target} SIP/2.0\r\n\
             Via: SIP/2.0/UDP phone{phone}.invalid;rport;branch=z9hG4bK{serial}-{branch}\r\n\
             Max-Forwards: 70\r\nFrom: {local}\r\nTo: {remote}\r\nCall-ID: {call_id}\r\n\
             CSeq: {cseq} {method}\r\nContact: <sip:{phone}@phone{phone}.invalid>\r\n{headers}{}",
            content(body)
        )
    }
}

/// Content-Type and the rest of a message. A body says what it is by how it begins.
fn content(body: &str) -> String {
    let content_type = match body {
        "" => return "Content-Length: 0\r\n\r\n".to_owned(),
        sdp if sdp.starts_with("v=") => "application/sdp",
        key if key.contains("Signal") => "application/dtmf-relay",
        key if key.len() == 1 => "application/dtmf",
        _ => "text/plain",
    };
    format!(
        "Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
