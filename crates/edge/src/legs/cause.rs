//! Why calls end: the causes of the switch as SIP says them, and the other way round.

use model::Cause;

/// A refusal of an INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    /// The status.
    pub(super) status: u16,
    /// Whether and what the caller is told besides.
    pub(super) advice: Advice,
}

/// What goes with a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advice {
    /// Nothing.
    None,
    /// Retry-After: it may work in so many seconds.
    RetryAfter(u16),
    /// Warning: media did not fit (RFC 3261 §20.43).
    IncompatibleMedia,
}

/// How a caller whom nobody answered is refused.
pub(super) const fn refused(cause: Cause) -> Refused {
    let (status, advice) = match cause {
        Cause::Busy => (486, Advice::None),
        Cause::Declined => (603, Advice::None),
        Cause::Normal
        | Cause::NoAnswer
        | Cause::Unavailable
        | Cause::AnsweredElsewhere
        | Cause::Vanished => (480, Advice::None),
        Cause::NotFound => (404, Advice::None),
        Cause::Forbidden => (403, Advice::None),
        Cause::NotAcceptable => (488, Advice::IncompatibleMedia),
        Cause::Congestion | Cause::Restarted => (503, Advice::RetryAfter(RETRY_AFTER_SECONDS)),
        Cause::Failed => (500, Advice::None),
    };
    Refused { status, advice }
}

/// The value of Reason in a BYE, a CANCEL or a refusal (RFC 3326, RFC 6432). A phone that is told that
/// another one took the call lists it as no missed call.
pub(super) const fn reason(cause: Cause) -> &'static str {
    match cause {
        Cause::Normal => r#"Q.850;cause=16;text="Normal call clearing""#,
        Cause::Busy => r#"Q.850;cause=17;text="User busy""#,
        Cause::Declined => r#"Q.850;cause=21;text="Call rejected""#,
        Cause::NoAnswer => r#"Q.850;cause=19;text="No answer from user""#,
        Cause::Unavailable => r#"Q.850;cause=20;text="Subscriber absent""#,
        Cause::NotFound => r#"Q.850;cause=1;text="Unallocated number""#,
        Cause::Forbidden => r#"Q.850;cause=57;text="Not authorized""#,
        Cause::AnsweredElsewhere => r#"SIP;cause=200;text="Call completed elsewhere""#,
        Cause::NotAcceptable => r#"Q.850;cause=88;text="Incompatible destination""#,
        Cause::Congestion => r#"Q.850;cause=42;text="Congestion""#,
        Cause::Vanished => r#"Q.850;cause=27;text="Destination out of order""#,
        Cause::Restarted | Cause::Failed => r#"Q.850;cause=41;text="Temporary failure""#,
    }
}

/// Whether a phone rang before it gave its final answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rang {
    /// It did not.
    #[default]
    No,
    /// It did.
    Yes,
}

/// What a phone's refusal of our INVITE means.
///
/// A redirection (3xx) counts as unavailable: whether and where calls are forwarded is set at the PBX.
pub(super) const fn of_status(status: u16, rang: Rang) -> Cause {
    match status {
        486 | 600 => Cause::Busy,
        403 | 603 | 607 | 608 => Cause::Declined,
        404 | 484 | 604 => Cause::NotFound,
        406 | 415 | 488 | 606 => Cause::NotAcceptable,
        408 | 480 => match rang {
            Rang::Yes => Cause::NoAnswer,
            Rang::No => Cause::Unavailable,
        },
        _ => Cause::Unavailable,
    }
}

/// What a trunk's refusal of our INVITE means. What is the line's own fault is told apart from what concerns the
/// person called, for which no other line is better.
pub(super) const fn of_trunk(status: u16, rang: Rang) -> Cause {
    match (status, rang) {
        (486 | 600, _) => Cause::Busy,
        (603 | 607 | 608, _) => Cause::Declined,
        (403, _) => Cause::Forbidden,
        (404 | 410 | 484 | 485 | 604, _) => Cause::NotFound,
        (406 | 415 | 488 | 606, _) => Cause::NotAcceptable,
        (480 | 487, _) | (408, Rang::Yes) => Cause::NoAnswer,
        (503, _) => Cause::Congestion,
        _ => Cause::Unavailable,
    }
}

/// How long a refused caller should wait at least.
const RETRY_AFTER_SECONDS: u16 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Cause; 13] = [
        Cause::Normal,
        Cause::Busy,
        Cause::Declined,
        Cause::NoAnswer,
        Cause::Unavailable,
        Cause::NotFound,
        Cause::Forbidden,
        Cause::AnsweredElsewhere,
        Cause::NotAcceptable,
        Cause::Congestion,
        Cause::Vanished,
        Cause::Restarted,
        Cause::Failed,
    ];

    #[test]
    fn callers_are_refused_with_the_status_that_says_why() {
        let table = [
            (Cause::Busy, 486),
            (Cause::NoAnswer, 480),
            (Cause::Unavailable, 480),
            (Cause::NotFound, 404),
            (Cause::Forbidden, 403),
            (Cause::Declined, 603),
            (Cause::NotAcceptable, 488),
            (Cause::Congestion, 503),
            (Cause::Failed, 500),
        ];
        for (cause, status) in table {
            assert_eq!(refused(cause).status, status, "{cause:?}");
        }
        for cause in ALL {
            let Refused { status, advice } = refused(cause);
            assert!((400..700).contains(&status), "{cause:?}");
            let retry = matches!(advice, Advice::RetryAfter(_));
            assert_eq!(retry, status == 503, "{cause:?}");
            let warned = advice == Advice::IncompatibleMedia;
            assert_eq!(warned, status == 488, "{cause:?}");
        }
    }

    /// DIAL-07
    #[test]
    fn a_call_that_another_phone_took_is_no_missed_call() {
        assert_eq!(
            reason(Cause::AnsweredElsewhere),
            "SIP;cause=200;text=\"Call completed elsewhere\""
        );
        for cause in ALL {
            let elsewhere = reason(cause).contains("cause=200");
            assert_eq!(elsewhere, cause == Cause::AnsweredElsewhere, "{cause:?}");
        }
    }

    #[test]
    fn what_a_phone_answers_says_why_it_does_not_talk() {
        let table = [
            (486, Rang::Yes, Cause::Busy),
            (600, Rang::No, Cause::Busy),
            (603, Rang::Yes, Cause::Declined),
            (403, Rang::No, Cause::Declined),
            (480, Rang::Yes, Cause::NoAnswer),
            (480, Rang::No, Cause::Unavailable),
            (408, Rang::Yes, Cause::NoAnswer),
            (408, Rang::No, Cause::Unavailable),
            (404, Rang::No, Cause::NotFound),
            (488, Rang::No, Cause::NotAcceptable),
            (302, Rang::Yes, Cause::Unavailable),
            (401, Rang::No, Cause::Unavailable),
            (503, Rang::No, Cause::Unavailable),
        ];
        for (status, rang, cause) in table {
            assert_eq!(of_status(status, rang), cause, "{status} {rang:?}");
        }
    }

    /// AD-07
    #[test]
    fn what_a_trunk_answers_says_whether_another_may_do_better() {
        let table = [
            (486, Rang::No, Cause::Busy),
            (600, Rang::Yes, Cause::Busy),
            (403, Rang::No, Cause::Forbidden),
            (404, Rang::No, Cause::NotFound),
            (410, Rang::No, Cause::NotFound),
            (480, Rang::No, Cause::NoAnswer),
            (408, Rang::Yes, Cause::NoAnswer),
            (603, Rang::Yes, Cause::Declined),
            (488, Rang::No, Cause::NotAcceptable),
            (408, Rang::No, Cause::Unavailable),
            (401, Rang::No, Cause::Unavailable),
            (500, Rang::No, Cause::Unavailable),
            (302, Rang::No, Cause::Unavailable),
            (503, Rang::No, Cause::Congestion),
        ];
        for (status, rang, cause) in table {
            assert_eq!(of_trunk(status, rang), cause, "{status} {rang:?}");
        }
    }

    #[test]
    fn a_caller_hears_of_the_phone_s_refusal_what_it_meant() {
        for status in [486, 403, 404, 480, 488, 503, 603] {
            let told = refused(of_status(status, Rang::Yes)).status;
            let same_class = told / 100 == status / 100;
            assert!(
                same_class || [403, 503].contains(&status),
                "{status} {told}"
            );
        }
    }
}
