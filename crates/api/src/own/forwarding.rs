//! Forwarding (manual §1.7): the page that shows what `*71 *72 *73` set, and the other way round (CFW-01).

use super::target::target;
use crate::account::Owner;
use crate::extract::Body;
use crate::problem::{Problem, Refused};
use crate::state::{Api, extension};
use crate::text::Checks;
use crate::version::{IfMatch, Versioned};
use axum::extract::State;
use model::{Change, Number};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an extension's calls go when it does not take them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forwarding {
    /// Whether forwarding is set up (配置). When it is off, the rules are kept and do nothing (CFW-02).
    enabled: bool,
    /// Whether it is in force (激活, CFW-03).
    active: bool,
    /// One for each case; a call that fits none rings.
    #[schema(max_items = 3)]
    rules: Vec<Rule>,
}

/// Where calls go in one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// In which case.
    when: When,
    /// An extension, group, queue, room or menu, or a number outside as the extension would dial it.
    #[schema(example = "105")]
    to: String,
}

/// In which case a call is forwarded (CFW-05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum When {
    /// Always (无条件).
    Always,
    /// While it is in a call, or refuses (遇忙).
    Busy,
    /// When nobody answers (无应答).
    NoAnswer,
    /// Both of them (无应答或忙).
    BusyOrNoAnswer,
}

impl Forwarding {
    /// That of an extension. Two different numbers for busy and unanswered are two rules (CFW-08).
    pub(crate) fn of(forwarding: &model::Forwarding) -> Self {
        let both = forwarding
            .busy
            .filter(|_| forwarding.busy == forwarding.no_answer);
        let apart = |to: Option<Number>| to.filter(|_| both.is_none());
        let rules = [
            (When::Always, forwarding.always),
            (When::BusyOrNoAnswer, both),
            (When::Busy, apart(forwarding.busy)),
            (When::NoAnswer, apart(forwarding.no_answer)),
        ];
        let rule = |(when, to): (When, Option<Number>)| {
            to.map(|to| Rule {
                when,
                to: to.to_string(),
            })
        };
        Self {
            enabled: forwarding.enabled,
            active: forwarding.active,
            rules: rules.into_iter().filter_map(rule).collect(),
        }
    }

    async fn read(&self, api: &Api, owner: &Owner) -> Result<model::Forwarding, Problem> {
        let mut checks = Checks::default();
        let mut read = model::Forwarding {
            enabled: self.enabled,
            active: self.active,
            ..model::Forwarding::default()
        };
        if self.rules.len() > RULES_MAX {
            checks.add("rules", "too-many", "has more than one rule for a case");
        }
        for (place, rule) in self.rules.iter().take(RULES_MAX).enumerate() {
            let field = format!("rules[{place}].to");
            let Some(to) = target(api, owner, (&field, &rule.to), &mut checks).await else {
                continue;
            };
            let cases: &mut [&mut Option<Number>] = match rule.when {
                When::Always => &mut [&mut read.always],
                When::Busy => &mut [&mut read.busy],
                When::NoAnswer => &mut [&mut read.no_answer],
                When::BusyOrNoAnswer => &mut [&mut read.busy, &mut read.no_answer],
            };
            for case in cases {
                if case.replace(to).is_some() {
                    let field = format!("rules[{place}].when");
                    checks.add(field, "duplicate", "is a case that another rule is for");
                    break;
                }
            }
        }
        if let Some(to) = read.always
            && goes_round(owner, to)
        {
            checks.add("rules", "loop", "leads back to your own number");
        }
        checks.done()?;
        Ok(read)
    }
}

/// Whether everything that is forwarded from `to` on comes back.
fn goes_round(owner: &Owner, to: Number) -> bool {
    let extensions = &owner.site.directory.extensions;
    let mut at = to;
    for _ in 0..extensions.len() {
        let next = extensions.get(&at).map(|extension| &extension.forwarding);
        match next.and_then(|forwarding| forwarding.to(model::ForwardWhen::Always)) {
            Some(next) if next == owner.number => return true,
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// Tells an extension's forwarding.
#[utoipa::path(get, path = "/forwarding", tag = "settings",
    responses((status = 200, body = Forwarding), Refused))]
pub(crate) async fn forwarding(owner: Owner) -> Versioned<Forwarding> {
    Versioned(Forwarding::of(&owner.extension.forwarding))
}

/// Replaces an extension's forwarding, as `*71 *72 *73` and their off codes would.
#[utoipa::path(put, path = "/forwarding", tag = "settings", request_body = Forwarding,
    params(("If-Match" = Option<String>, Header, description = "The version that `ETag` gave")),
    responses((status = 200, body = Forwarding),
        (status = 412, body = Problem, content_type = "application/problem+json",
            description = "Something else was saved meanwhile"),
        Refused))]
pub(crate) async fn set_forwarding(
    owner: Owner,
    State(api): State<Api>,
    version: IfMatch,
    Body(forwarding): Body<Forwarding>,
) -> Result<Versioned<Forwarding>, Problem> {
    version.holds(&Forwarding::of(&owner.extension.forwarding))?;
    let forwarding = forwarding.read(&api, &owner).await?;
    let change = Change::Forwarding(owner.number, forwarding);
    let site = api.change(change).await?;
    let saved = extension(&site, &owner.number)?;
    Ok(Versioned(Forwarding::of(&saved.forwarding)))
}

/// A rule for each case, or one for two.
const RULES_MAX: usize = 3;
