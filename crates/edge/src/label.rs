//! What a message is, as metrics and traces tell it.

use memchr::memchr;
use sip::message::{Message, Method};

/// Method and status of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    method: Kind,
    status: Option<u16>,
}

/// The methods that have a name in metrics; of others there could be any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Invite,
    Ack,
    Bye,
    Cancel,
    Prack,
    Update,
    Info,
    Options,
    Register,
    Refer,
    Notify,
    Subscribe,
    Message,
    Publish,
    Other,
}

impl Label {
    /// Of what has none of its own.
    pub const OTHER: Self = Self {
        method: Kind::Other,
        status: None,
    };

    /// Of a message that was read.
    pub(crate) fn of(message: &Message) -> Self {
        match message {
            Message::Request(request) => Self {
                method: Kind::parse(request.method().as_str().as_bytes()),
                status: None,
            },
            Message::Response(response) => Self {
                method: response
                    .cseq()
                    .map_or(Kind::Other, |cseq| Kind::of(&cseq.method)),
                status: Some(response.status()),
            },
        }
    }

    /// Of a message as it is sent; `None` when it is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let Some(rest) = bytes.strip_prefix(b"SIP/2.0 ") else {
            let method = bytes.get(..memchr(b' ', bytes)?)?;
            return Some(Self {
                method: Kind::parse(method),
                status: None,
            });
        };
        let status = std::str::from_utf8(rest.get(..3)?).ok()?.parse().ok()?;
        let method =
            cseq(rest).and_then(|cseq| cseq.trim_ascii().rsplit(|&byte| byte == b' ').next());
        Some(Self {
            method: Kind::parse(method.unwrap_or_default()),
            status: Some(status),
        })
    }

    /// The method; of a response, that of its request.
    #[must_use]
    pub const fn method(self) -> &'static str {
        self.method.name()
    }

    /// The status of a response.
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        self.status
    }

    /// Whether the message is part of a call. The others come by the thousand.
    #[must_use]
    pub const fn is_of_call(self) -> bool {
        match self.method {
            Kind::Invite | Kind::Ack | Kind::Bye | Kind::Cancel => true,
            Kind::Prack | Kind::Update | Kind::Info | Kind::Refer => true,
            Kind::Options | Kind::Register | Kind::Notify | Kind::Subscribe => false,
            Kind::Message | Kind::Publish | Kind::Other => false,
        }
    }
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Invite,
        Self::Ack,
        Self::Bye,
        Self::Cancel,
        Self::Prack,
        Self::Update,
        Self::Info,
        Self::Options,
        Self::Register,
        Self::Refer,
        Self::Notify,
        Self::Subscribe,
        Self::Message,
        Self::Publish,
    ];

    fn of(method: &Method) -> Self {
        Self::parse(method.as_str().as_bytes())
    }

    fn parse(method: &[u8]) -> Self {
        let known = Self::ALL.into_iter();
        let mut named = known.filter(|known| known.name().as_bytes() == method);
        named.next().unwrap_or(Self::Other)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Invite => "INVITE",
            Self::Ack => "ACK",
            Self::Bye => "BYE",
            Self::Cancel => "CANCEL",
            Self::Prack => "PRACK",
            Self::Update => "UPDATE",
            Self::Info => "INFO",
            Self::Options => "OPTIONS",
            Self::Register => "REGISTER",
            Self::Refer => "REFER",
            Self::Notify => "NOTIFY",
            Self::Subscribe => "SUBSCRIBE",
            Self::Message => "MESSAGE",
            Self::Publish => "PUBLISH",
            Self::Other => "OTHER",
        }
    }
}

/// The value of CSeq.
fn cseq(mut bytes: &[u8]) -> Option<&[u8]> {
    loop {
        bytes = bytes.get(memchr(b'\n', bytes)? + 1..)?;
        let (name, value) = bytes.split_at_checked(b"CSeq:".len())?;
        if name.eq_ignore_ascii_case(b"CSeq:") {
            return value.get(..memchr(b'\n', value)?);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_on_the_wire_and_one_that_was_read_are_the_same() {
        let rest = "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:c@d>\r\n\
            Call-ID: x\r\nCSeq: 7 METHOD\r\nMax-Forwards: 70\r\n\r\n";
        for (method, is_of_call) in [("INVITE", true), ("REGISTER", false), ("FROB", false)] {
            let rest = rest.replace("METHOD", method);
            for (line, status) in [
                (format!("{method} sip:c@d SIP/2.0"), None),
                ("SIP/2.0 486 Busy Here".to_owned(), Some(486)),
            ] {
                let text = format!("{line}\r\n{rest}");
                let label = Label::read(text.as_bytes()).unwrap();
                assert_eq!(label, Label::of(&Message::parse(text.as_bytes()).unwrap()));
                let shown = if method == "FROB" { "OTHER" } else { method };
                assert_eq!((label.method(), label.status()), (shown, status));
                assert_eq!(label.is_of_call(), is_of_call);
            }
        }
    }

    #[test]
    fn what_is_no_message_has_no_label() {
        for text in [
            "",
            "\r\n",
            "SIP/2.0 ",
            "SIP/2.0 20",
            "SIP/2.0 xyz Ok\r\n",
            "hello",
        ] {
            assert_eq!(Label::read(text.as_bytes()), None, "{text:?}");
        }
    }
}
