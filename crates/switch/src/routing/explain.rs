//! Which way a call would take, and why, told instead of taken (`bellwire explain`).

use super::first;
use super::notes::Notes;
use super::way::{Journey, Step, View, Way};
use crate::Switch;
use crate::features::Refusal;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use model::{GreetingKind, Incoming, LegId, Number, Origin, Party, Wall};

/// A call that somebody wants explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Who would call.
    pub from: Origin,
    /// The number that a trunk shows of the caller; `None`: he is anonymous. An extension shows its own.
    pub caller: Option<Number>,
    /// What would be dialled.
    pub dialled: Number,
    /// When; `None`: at this moment.
    pub at: Option<Moment>,
}

/// A moment of the civil calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub wall: Wall,
    /// How many seconds the clocks of the site are ahead of UTC then.
    pub zone: i32,
}

impl Switch {
    /// Tells which way a call would take as everybody stands at this moment: each step considered, in order,
    /// one a line, indented where it depends on what happens before.
    #[must_use]
    pub fn explain(&self, asked: &Asked) -> Vec<String> {
        let caller = match &asked.from {
            Origin::Extension(number) => Some(*number),
            Origin::Trunk(_) => None,
        };
        let incoming = Incoming {
            leg: LegId::inbound(0),
            origin: asked.from.clone(),
            caller: Party {
                number: caller.or(asked.caller),
                name: String::new(),
            },
            dialled: asked.dialled,
            hops: 0,
            replaces: None,
        };
        let mut view = self.view();
        if let Some(at) = asked.at {
            view.now.wall = at.wall;
            view.zone = at.zone;
        }
        let mut told = Told {
            view,
            lines: Vec::new(),
        };
        let mut journey = Journey::begin(caller, 0);
        let mut notes = Notes::begin();
        let way = first(&view, &incoming, &mut journey, &mut notes);
        told.way(0, notes, &way, &journey);
        told.lines
    }
}

struct Told<'a> {
    view: View<'a>,
    lines: Vec<String>,
}

impl Told<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        let indent = "  ".repeat(depth);
        self.lines.push(format!("{indent}{text}"));
    }

    /// Tells what was considered, what comes of it, and what follows if that comes to nothing.
    fn way(&mut self, depth: usize, notes: Notes, way: &Way, journey: &Journey) {
        for note in notes.finish() {
            self.line(depth, &note);
        }
        match way {
            Way::Ring { callee, .. } => {
                for (case, why) in [
                    ("if nobody answers:", Refusal::NoAnswer),
                    ("if it is refused by hand:", Refusal::Declined),
                ] {
                    self.line(depth, case);
                    let mut on = journey.clone();
                    let mut notes = Notes::begin();
                    let way = self.view.rung_in_vain(callee, why, &mut on, &mut notes);
                    self.way(depth + 1, notes, &way, &on);
                }
            }
            Way::FollowMe(owner) => self.follow_me(depth + 1, *owner, journey),
            Way::Out(out) => {
                let trunks: Vec<_> = out.exits.iter().map(|exit| exit.trunk.as_str()).collect();
                let trunks = trunks.join(", then ");
                self.line(depth, &format!("the call goes out on {trunks}"));
                if let Some(longest) = out.longest {
                    let minutes = longest.as_secs() / 60;
                    self.line(
                        depth,
                        &format!("it ends after {minutes} minutes of talking"),
                    );
                }
            }
            Way::Code(..) => self.line(depth, "the code is used"),
            Way::Queue(number) => self.queue(depth, *number, journey),
            Way::RingGroup(number) => self.ring_group(depth, *number, journey),
            Way::Menu(number) => self.menu(depth, *number, journey),
            Way::Room(_) => self.line(depth, "the caller is asked for its password"),
            Way::Mailbox { of, why } => {
                let greeting = match why.greeting() {
                    GreetingKind::Busy => "busy",
                    GreetingKind::Unavailable | GreetingKind::Name | GreetingKind::Temporary => {
                        "unavailable"
                    }
                };
                let text = format!("a message is left for {of}, after its {greeting} greeting");
                self.line(depth, &text);
            }
            Way::Slot(_) => self.line(depth, "whoever waits there is taken up"),
            Way::NotEnabled => self.line(depth, "the caller hears that this is not enabled (N-09)"),
            Way::Block { .. } => self.line(depth, "the call is refused without a word (603)"),
            Way::Refuse(why) => {
                let (phrase, cause) = (why.phrase(), why.cause());
                self.line(
                    depth,
                    &format!(
                        "the call is refused: {cause:?}; the caller hears {}",
                        phrase.0
                    ),
                );
            }
        }
    }

    fn queue(&mut self, depth: usize, number: Number, journey: &Journey) {
        let Some(queue) = self.view.directory.queues.get(&number) else {
            return;
        };
        let agents: Vec<_> = queue
            .logged_in(&self.view.directory.agents)
            .map(|agent| agent.to_string())
            .collect();
        let agents = match agents.is_empty() {
            true => String::from("no agent is logged in"),
            false => format!("logged in are {}", agents.join(", ")),
        };
        self.line(depth, &format!("the caller waits with music; {agents}"));
        self.line(depth, "if he has waited long enough:");
        let (mut on, mut notes) = (journey.clone(), Notes::begin());
        let nobody = Refusal::NobodyThere;
        let way = self.view.onward(queue.then, nobody, &mut on, &mut notes);
        self.way(depth + 1, notes, &way, &on);
    }

    fn ring_group(&mut self, depth: usize, number: Number, journey: &Journey) {
        let Some(group) = self.view.directory.ring_groups.get(&number) else {
            return;
        };
        let rung = self.view.members(group, journey);
        for member in &group.members {
            let text = match rung.contains(member) {
                true => format!("{member} is rung for {} s", group.ring_time.as_secs()),
                false => format!("{member} is passed over"),
            };
            self.line(depth + 1, &text);
        }
        self.line(depth, "if nobody answers:");
        let (mut on, mut notes) = (journey.clone(), Notes::begin());
        let why = match rung.is_empty() {
            true => self.view.nobody_rings(group),
            false => Refusal::NoAnswer,
        };
        let way = self.view.onward(group.then, why, &mut on, &mut notes);
        self.way(depth + 1, notes, &way, &on);
    }

    fn menu(&mut self, depth: usize, number: Number, journey: &Journey) {
        let Some(menu) = self.view.directory.menus.get(&number) else {
            return;
        };
        self.line(depth, &format!("the caller hears {:?}", menu.greeting));
        for (key, to) in &menu.keys {
            let text = format!("key {} leads to {to}", key.as_char());
            self.line(depth + 1, &text);
        }
        if menu.direct_dial {
            self.line(depth + 1, "an extension may be dialled");
        }
        self.line(depth, "if nothing that leads on is pressed:");
        let Some(then) = menu.then else {
            return self.line(depth + 1, "the caller hears a goodbye");
        };
        let (mut on, mut notes) = (journey.clone(), Notes::begin());
        let view = self.view;
        let way = view.onward(Some(then), Refusal::NotFound, &mut on, &mut notes);
        self.way(depth + 1, notes, &way, &on);
    }

    fn follow_me(&mut self, depth: usize, owner: Number, journey: &Journey) {
        let Some(extension) = self.view.directory.extension(&owner) else {
            return;
        };
        let journey = journey.by(owner);
        for step in &extension.follow_me.steps {
            let (number, time) = (step.number, step.time.as_secs());
            let text = match self.view.follow_step(&number, &journey) {
                Some(Step::Extension(_)) => format!("{number} is rung for {time} s"),
                Some(Step::Outside(out)) => {
                    let exit = out.exits.front();
                    let trunk = exit.map(|exit| exit.trunk.to_string()).unwrap_or_default();
                    format!("{number} is called on {trunk} for {time} s; who answers must press 1")
                }
                None => format!("{number} is passed over"),
            };
            self.line(depth, &text);
        }
        self.line(depth, "if nobody takes the call:");
        let mut notes = Notes::begin();
        let way = self.view.followed_in_vain(&owner, &mut notes);
        self.way(depth + 1, notes, &way, &journey);
    }
}
