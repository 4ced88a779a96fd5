//! Follow-me (一号通, manual §1.7): who is rung, one after another, when an extension does not answer.

use super::target::target;
use crate::account::Owner;
use crate::extract::Body;
use crate::problem::{Problem, Refused};
use crate::state::{Api, extension};
use crate::text::Checks;
use crate::version::{IfMatch, Versioned};
use axum::extract::State;
use model::{Change, Duration, FollowStep};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Who is rung when an extension does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FollowMe {
    /// Whether the list is used; when it is off, it is kept (FM-05).
    enabled: bool,
    /// How long the extension's own phones ring first, 0 to 300; 0: not at all (FM-02).
    #[schema(minimum = 0, maximum = 300)]
    ring_seconds: u32,
    /// Who is rung then, in this order.
    #[schema(max_items = 10)]
    steps: Vec<Step>,
}

/// One number of the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// As the extension would dial it.
    #[schema(example = "101")]
    number: String,
    /// How long it rings, 1 to 300 (FM-03).
    #[serde(default = "default_seconds")]
    #[schema(minimum = 1, maximum = 300, default = 30)]
    seconds: u32,
}

const fn default_seconds() -> u32 {
    30
}

impl FollowMe {
    /// That of an extension.
    pub(crate) fn of(follow_me: &model::FollowMe) -> Self {
        let steps = follow_me.steps.iter().map(|step| Step {
            number: step.number.to_string(),
            seconds: whole_seconds(step.time),
        });
        Self {
            enabled: follow_me.enabled,
            ring_seconds: whole_seconds(follow_me.ring_time),
            steps: steps.collect(),
        }
    }

    async fn read(&self, api: &Api, owner: &Owner) -> Result<model::FollowMe, Problem> {
        let mut checks = Checks::default();
        if self.ring_seconds > SECONDS_MAX {
            checks.add("ring_seconds", "out-of-range", "must be 0 to 300");
        }
        if self.steps.len() > model::FollowMe::STEPS_MAX {
            checks.add("steps", "too-many", "has more than 10 numbers");
        }
        let mut steps: Vec<FollowStep> = Vec::new();
        for (place, step) in self
            .steps
            .iter()
            .take(model::FollowMe::STEPS_MAX)
            .enumerate()
        {
            if !(1..=SECONDS_MAX).contains(&step.seconds) {
                let field = format!("steps[{place}].seconds");
                checks.add(field, "out-of-range", "must be 1 to 300");
            }
            let field = format!("steps[{place}].number");
            let Some(number) = target(api, owner, (&field, &step.number), &mut checks).await else {
                continue;
            };
            if steps.iter().any(|known| known.number == number) {
                checks.add(field, "duplicate", "stands in the list twice");
            }
            steps.push(FollowStep {
                number,
                time: Duration::from_secs(step.seconds.into()),
            });
        }
        checks.done()?;
        Ok(model::FollowMe {
            enabled: self.enabled,
            ring_time: Duration::from_secs(self.ring_seconds.into()),
            steps,
        })
    }
}

/// Tells an extension's follow-me.
#[utoipa::path(get, path = "/follow-me", tag = "settings",
    responses((status = 200, body = FollowMe), Refused))]
pub(crate) async fn follow_me(owner: Owner) -> Versioned<FollowMe> {
    Versioned(FollowMe::of(&owner.extension.follow_me))
}

/// Replaces an extension's follow-me.
#[utoipa::path(put, path = "/follow-me", tag = "settings", request_body = FollowMe,
    params(("If-Match" = Option<String>, Header, description = "The version that `ETag` gave")),
    responses((status = 200, body = FollowMe),
        (status = 412, body = Problem, content_type = "application/problem+json",
            description = "Something else was saved meanwhile"),
        Refused))]
pub(crate) async fn set_follow_me(
    owner: Owner,
    State(api): State<Api>,
    version: IfMatch,
    Body(follow_me): Body<FollowMe>,
) -> Result<Versioned<FollowMe>, Problem> {
    version.holds(&FollowMe::of(&owner.extension.follow_me))?;
    let follow_me = follow_me.read(&api, &owner).await?;
    let change = Change::FollowMe(owner.number, follow_me);
    let site = api.change(change).await?;
    let saved = extension(&site, &owner.number)?;
    Ok(Versioned(FollowMe::of(&saved.follow_me)))
}

fn whole_seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

/// The longest that anything rings.
const SECONDS_MAX: u32 = 300;
