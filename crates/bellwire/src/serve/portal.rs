//! The running server, as people of the web see it.

use super::clock::Clock;
use super::inbox::Event;
use super::live::Window;
use super::signalling::Signalling;
use super::studio::Sounds;
use crate::admin::{Trace, TraceWhat};
use crate::document::SecretsFrom;
use crate::site::{ApplyError, Mode, apply, export, ha1};
use api::{
    Applied, Backend, FeatureCode, Later, LiveCall, LiveMember, LiveRoom, NotApplied, Reach,
    Studio, TraceLine,
};
use model::{CallId, Command, Directory, ExtensionState, LiveQueue, Number, Secret, Wall};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use switch::Target;
use switch::codes::{Argues, CODES, Code, Place};

/// What the interface asks of the server.
pub(super) struct Portal {
    pub(super) window: Window,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) sounds: Arc<Sounds>,
}

impl Backend for Portal {
    fn now(&self) -> Wall {
        self.clock.now().wall
    }

    fn calls(&self) -> Later<'_, Vec<LiveCall>> {
        self.window.look(calls)
    }

    fn states(&self) -> Later<'_, BTreeMap<Number, ExtensionState>> {
        self.window
            .look(|signalling| signalling.switch.states().collect())
    }

    fn rooms(&self) -> Later<'_, Vec<LiveRoom>> {
        self.window.look(rooms)
    }

    fn queues(&self) -> Later<'_, Vec<LiveQueue>> {
        let now = self.clock.now().mono;
        self.window
            .look(move |signalling| signalling.switch.queues(now).collect())
    }

    fn command(&self, command: Command) {
        self.window.0.tell(Event::Command(command));
    }

    fn secret(&self, extension: &Number, password: &str) -> Secret {
        ha1(extension, password)
    }

    fn admit(&self, pass: api::Pass) -> String {
        let user = edge::Pass::user(pass.session, &pass.random);
        self.window.0.tell(Event::Admit(edge::Pass {
            session: pass.session,
            extension: pass.extension,
            secret: ha1(&user, &pass.password),
            user: user.clone(),
            lasts: Duration::from_secs(pass.lasts_s.into()),
        }));
        user
    }

    fn revoke(&self, session: u64) {
        self.window.0.tell(Event::Revoke(session));
    }

    fn trace(&self, call: CallId, start: Wall) -> Later<'_, Option<api::Trace>> {
        self.window.look(move |signalling| {
            let trace = signalling.traces.of_call(call, start)?;
            Some(told(trace))
        })
    }

    fn reach(&self, from: Number, to: Number) -> Later<'_, Reach> {
        let target = self
            .window
            .look(move |signalling| Some(signalling.switch.target(&from, &to)));
        Box::pin(async {
            match target.await {
                Some(Target::Inside) => Reach::Inside,
                Some(Target::Outside) => Reach::Outside,
                Some(Target::Code) => Reach::Code,
                Some(Target::NotAllowed) => Reach::NotAllowed,
                // The server ends.
                Some(Target::Nowhere) | None => Reach::Nowhere,
            }
        })
    }

    fn codes(&self, directory: &Directory) -> Vec<FeatureCode> {
        let rows = CODES.iter().filter_map(|row| {
            Some(FeatureCode {
                name: row.name,
                code: row.dialled(&directory.feature_codes)?.to_owned(),
                place: match row.place {
                    Place::Idle => "idle",
                    Place::Talk => "talk",
                    Place::Consult => "consult",
                    Place::Room => "room",
                    Place::Invite => "invite",
                },
                argument: match row.argues {
                    // The code means something without a queue behind it.
                    Argues::Nothing | Argues::Queue => "nothing",
                    Argues::Extension => "extension",
                    Argues::Number => "number",
                    Argues::Moment => "moment",
                },
                section: row.section,
                english: row.english,
                chinese: row.chinese,
                monitors: matches!(row.code, Code::Listen | Code::Whisper | Code::Barge),
            })
        });
        rows.collect()
    }

    fn studio(&self) -> Arc<dyn Studio> {
        Arc::clone(&self.sounds) as Arc<dyn Studio>
    }

    fn site_text(&self) -> String {
        export(&self.store.site())
    }

    fn apply_site(&self, text: String, mode: api::Mode) -> Later<'_, Result<Applied, NotApplied>> {
        let store = self.store.clone();
        let mode = match mode {
            api::Mode::Apply => Mode::Apply,
            api::Mode::DryRun => Mode::DryRun,
        };
        let work = tokio::task::spawn_blocking(move || {
            apply(&store, SITE_NAME, &text, SecretsFrom::Text, mode)
        });
        Box::pin(async {
            let (applied, _) = match work.await {
                Ok(applied) => applied.map_err(refused)?,
                Err(error) => return Err(NotApplied::NotSaved(error.to_string())),
            };
            Ok(Applied {
                changes: applied.changes,
                generated: applied.generated,
                warnings: applied.warnings,
            })
        })
    }
}

fn refused(error: ApplyError) -> NotApplied {
    match error {
        ApplyError::Content(lines) => NotApplied::Content(lines),
        ApplyError::Store(error) => NotApplied::NotSaved(error.to_string()),
        ApplyError::Raced => NotApplied::Raced,
    }
}

fn calls(signalling: &Signalling) -> Vec<LiveCall> {
    let number = |party: model::Party| party.number.map(|number| number.to_string());
    let calls = signalling.switch.live().map(|call| LiveCall {
        call: call.call,
        start: call.start,
        caller_name: call.caller.name.clone(),
        caller: number(call.caller).unwrap_or_default(),
        callee: call.dialled,
        state: call.phase.to_owned(),
        parties: call
            .legs
            .into_iter()
            .map(|leg| number(leg.party).unwrap_or_default())
            .collect(),
    });
    calls.collect()
}

fn rooms(signalling: &Signalling) -> Vec<LiveRoom> {
    let meetings = signalling.switch.meetings().map(|meeting| {
        let members = meeting.members.into_iter().map(|member| LiveMember {
            leg: member.leg,
            party: member.party,
            role: member.role,
            muted: member.muted,
            since: member.since,
        });
        LiveRoom {
            number: meeting.number,
            locked: meeting.locked,
            members: members.collect(),
        }
    });
    meetings.collect()
}

fn told(trace: Trace) -> api::Trace {
    let lines = trace.lines.into_iter().map(|line| {
        let (what, party, address, text) = match line.what {
            TraceWhat::Received {
                from,
                address,
                message,
            } => ("received", from, address, message),
            TraceWhat::Sent {
                to,
                address,
                message,
            } => ("sent", to, address, message),
            TraceWhat::Event { text } => ("event", String::new(), String::new(), text),
        };
        TraceLine {
            at: line.at,
            what,
            party,
            address,
            text,
        }
    });
    api::Trace {
        call: trace.call,
        lines: lines.collect(),
    }
}

/// How errors name a site file that came by HTTP.
const SITE_NAME: &str = "site";
