//! The names of headers.

use std::fmt;
use std::sync::Arc;

/// Makes the enum and its spellings of one table, so that they cannot drift apart.
macro_rules! names {
    ($($variant:ident $long:literal $($compact:literal)?,)*) => {
        /// The name of a header, in whatever spelling it came: case does not count, and compact forms are
        /// the long ones (RFC 3261 §7.3.3).
        #[derive(Clone, Debug)]
        pub enum Name {
            $(#[doc = concat!("`", $long, "`.")] $variant,)*
            /// Any other.
            Other(Arc<str>),
        }

        /// A known name's place in the table; `OTHER` is none.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub(super) enum Code { $($variant,)* Other }

        impl Code {
            /// Every spelling that is known.
            const SPELLINGS: &[(&'static str, Self)] = &[
                $(($long, Self::$variant), $(($compact, Self::$variant),)?)*
            ];

            /// The name itself; `text` is how it is spelled when it is none of the known.
            pub(super) fn name(self, text: &str) -> Name {
                match self {
                    $(Self::$variant => Name::$variant,)*
                    Self::Other => Name::Other(Arc::from(text)),
                }
            }
        }

        impl Name {
            pub(super) const fn code(&self) -> Code {
                match self {
                    $(Self::$variant => Code::$variant,)*
                    Self::Other(_) => Code::Other,
                }
            }

            /// The long spelling.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $long,)*
                    Self::Other(name) => name,
                }
            }
        }
    };
}

names! {
    Via "Via" "v",
    From "From" "f",
    To "To" "t",
    CallId "Call-ID" "i",
    CSeq "CSeq",
    MaxForwards "Max-Forwards",
    Contact "Contact" "m",
    ContentType "Content-Type" "c",
    ContentLength "Content-Length" "l",
    Allow "Allow",
    Supported "Supported" "k",
    UserAgent "User-Agent",
    Route "Route",
    RecordRoute "Record-Route",
    Expires "Expires",
    Authorization "Authorization",
    ProxyAuthorization "Proxy-Authorization",
    WwwAuthenticate "WWW-Authenticate",
    ProxyAuthenticate "Proxy-Authenticate",
    Accept "Accept",
    Server "Server",
    SessionExpires "Session-Expires" "x",
    MinSe "Min-SE",
    PAssertedIdentity "P-Asserted-Identity",
    Require "Require",
    RSeq "RSeq",
    RAck "RAck",
    Reason "Reason",
    Event "Event" "o",
    SubscriptionState "Subscription-State",
    AcceptContact "Accept-Contact" "a",
    AcceptEncoding "Accept-Encoding",
    AcceptLanguage "Accept-Language",
    AlertInfo "Alert-Info",
    AllowEvents "Allow-Events" "u",
    AnswerMode "Answer-Mode",
    AuthenticationInfo "Authentication-Info",
    CallInfo "Call-Info",
    ContentDisposition "Content-Disposition",
    ContentEncoding "Content-Encoding" "e",
    ContentLanguage "Content-Language",
    Date "Date",
    Diversion "Diversion",
    ErrorInfo "Error-Info",
    FlowTimer "Flow-Timer",
    HistoryInfo "History-Info",
    Identity "Identity" "y",
    InReplyTo "In-Reply-To",
    Join "Join",
    MimeVersion "MIME-Version",
    MinExpires "Min-Expires",
    Organization "Organization",
    PAccessNetworkInfo "P-Access-Network-Info",
    PAssociatedUri "P-Associated-URI",
    PEarlyMedia "P-Early-Media",
    PPreferredIdentity "P-Preferred-Identity",
    Path "Path",
    Priority "Priority",
    Privacy "Privacy",
    ProxyRequire "Proxy-Require",
    ReferSub "Refer-Sub",
    ReferTo "Refer-To" "r",
    ReferredBy "Referred-By" "b",
    RejectContact "Reject-Contact" "j",
    RemotePartyId "Remote-Party-ID",
    Replaces "Replaces",
    ReplyTo "Reply-To",
    RequestDisposition "Request-Disposition" "d",
    RetryAfter "Retry-After",
    ServiceRoute "Service-Route",
    SipEtag "SIP-ETag",
    SipIfMatch "SIP-If-Match",
    Subject "Subject" "s",
    TargetDialog "Target-Dialog",
    Timestamp "Timestamp",
    Unsupported "Unsupported",
    Warning "Warning",
}

impl Code {
    /// Looks a name up, long or compact.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut slot = slot(name);
        // The table is never full, so there is an end.
        while let Some(Some((known, code))) = TABLE.get(slot) {
            let known = known.as_bytes();
            // Most are spelled as the standard does, and comparing whole words is quicker than letter by letter.
            if known == name || known.eq_ignore_ascii_case(name) {
                return *code;
            }
            slot = (slot + 1) % SLOTS;
        }
        Self::Other
    }
}

/// Codes fit into the bits of a set.
const _: () = assert!((Code::Other as u32) < u128::BITS);

/// Every spelling, in or behind the slot where it is looked for. It is made by the compiler.
#[allow(clippy::indexing_slicing, reason = "the compiler itself would panic")]
static TABLE: [Option<(&str, Code)>; SLOTS] = {
    let mut table = [None; SLOTS];
    let mut nth = 0;
    while nth < Code::SPELLINGS.len() {
        let (spelling, code) = Code::SPELLINGS[nth];
        let mut slot = slot(spelling.as_bytes());
        while table[slot].is_some() {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = Some((spelling, code));
        nth += 1;
    }
    table
};

/// Where a name is looked for first. Case does not count.
const fn slot(name: &[u8]) -> usize {
    let (_, second_half) = name.split_at(name.len() / 2);
    let (Some(first), Some(middle), Some(last)) = (name.first(), second_half.first(), name.last())
    else {
        return 0;
    };
    let (first, middle, last) = (letter(*first), letter(*middle), letter(*last));
    (name.len() * 37 + first * 11 + middle * 67 + last * 5) % SLOTS
}

/// The same for both cases of a letter.
const fn letter(byte: u8) -> usize {
    (byte & 31) as usize
}

/// Far more than there are spellings, so that most have a slot of their own.
const SLOTS: usize = 512;

impl Name {
    /// Reads a name in any spelling.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        Code::of(name.as_bytes()).name(name)
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self::parse(name)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Other(one), Self::Other(two)) => one.eq_ignore_ascii_case(two),
            (one, two) => one.code() == two.code(),
        }
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A header to be written: a name and a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: Name,
    /// Its value, in one line.
    pub value: String,
}

impl Header {
    /// Puts name and value together.
    #[must_use]
    pub fn new(name: impl Into<Name>, value: impl fmt::Display) -> Self {
        Self {
            name: name.into(),
            value: value.to_string(),
        }
    }
}
