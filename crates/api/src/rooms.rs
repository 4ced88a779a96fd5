//! Conferences: who is in them, and what is done there from outside (CO-11). Whoever administers sees all of them; the
//! owner of an extension sees one whose administrator's PIN he knows.

use crate::account::{Admin, Owner};
use crate::backend::LiveRoom;
use crate::extract::{Asked, Body, Id};
use crate::page::{List, Paging};
use crate::problem::{Problem, Refused};
use crate::state::{Api, zone};
use crate::web::Peer;
use axum::extract::State;
use axum::{Extension, Json};
use model::{Command, LegId, Number, RoomCommand, RoomRole, Site, Switched};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A conference room.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Room {
    /// Its number.
    #[schema(value_type = String, example = "700")]
    number: Number,
    /// Its name.
    name: String,
    /// Whether only administrators are let in.
    locked: bool,
    /// Who is in it, in the order in which they came.
    members: Vec<Member>,
}

/// A party of a conference.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Member {
    /// Names it until it leaves.
    id: u64,
    /// Its number; empty when it does not show one.
    number: String,
    /// Its name.
    name: String,
    /// What it may do: `administrator` or `member`.
    #[schema(value_type = String, example = "member")]
    role: RoomRole,
    /// Whether nobody hears it.
    muted: bool,
    /// When it came, RFC 3339 in the site's zone.
    since: String,
}

/// What is to be done in a conference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RoomAction {
    /// A `member` is heard no longer.
    Mute,
    /// A `member` is heard again.
    Unmute,
    /// All but the administrators are heard no longer.
    MuteAll,
    /// All are heard again.
    UnmuteAll,
    /// A `member` is sent away.
    Remove,
    /// Only administrators are let in.
    Lock,
    /// Members are let in again.
    Unlock,
    /// A `number` is called, and whoever answers is in the conference.
    Invite,
    /// Everybody is sent away.
    End,
}

/// What somebody who administers asks of a conference.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskRoom {
    /// What is to be done.
    action: RoomAction,
    /// Whom it is about: `mute`, `unmute`, `remove`.
    #[serde(default)]
    member: Option<u64>,
    /// Whom to call: `invite`.
    #[serde(default)]
    number: Option<String>,
}

/// What the owner of an extension asks of a conference.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskOwnRoom {
    /// The PIN of the room's administrator.
    pin: String,
    /// What is to be done; without it, the conference is only looked at.
    #[serde(default)]
    action: Option<RoomAction>,
    /// Whom it is about: `mute`, `unmute`, `remove`.
    #[serde(default)]
    member: Option<u64>,
    /// Whom to call: `invite`, with the rights of the extension.
    #[serde(default)]
    number: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RoomsQuery {
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// Lists the conference rooms, by number, and who is in them.
#[utoipa::path(get, path = "/admin/rooms", tag = "administration", params(RoomsQuery),
    responses((status = 200, body = List<Room>), Refused))]
pub(crate) async fn rooms(
    admin: Admin,
    State(api): State<Api>,
    Asked(query): Asked<RoomsQuery>,
) -> Result<Json<List<Room>>, Problem> {
    let paging = Paging::read(query.page, query.per_page)?;
    let live = live(&api).await;
    let rooms = admin.site.directory.rooms.keys();
    let rooms = rooms.map(|number| told(&admin.site, number, live.get(number)));
    Ok(Json(paging.cut(rooms.collect())))
}

/// Shows a conference room and who is in it.
#[utoipa::path(get, path = "/admin/rooms/{number}", tag = "administration", params(("number" = String, Path)),
    responses((status = 200, body = Room), Refused))]
pub(crate) async fn room(
    admin: Admin,
    State(api): State<Api>,
    Id(number): Id<String>,
) -> Result<Json<Room>, Problem> {
    let number = known(&admin.site, &number)?;
    Ok(Json(one(&api, &admin.site, &number).await))
}

/// Does something in a conference. What it was about may be gone: the answer shows what the conference has become.
#[utoipa::path(post, path = "/admin/rooms/{number}", tag = "administration", params(("number" = String, Path)),
    request_body = AskRoom, responses((status = 200, body = Room), Refused))]
pub(crate) async fn ask_room(
    admin: Admin,
    State(api): State<Api>,
    Id(number): Id<String>,
    Body(ask): Body<AskRoom>,
) -> Result<Json<Room>, Problem> {
    let number = known(&admin.site, &number)?;
    let command = command(ask.action, ask.member, ask.number, None)?;
    tracing::info!(target: "audit", account = %admin.account, room = %number, action = ?ask.action, "a conference was told what to do");
    api.backend().command(Command::Room(number, command));
    Ok(Json(one(&api, &admin.site, &number).await))
}

/// Looks at a conference, or does something in it, as its administrator.
#[utoipa::path(post, path = "/rooms/{number}", tag = "calls", params(("number" = String, Path)),
    request_body = AskOwnRoom, responses((status = 200, body = Room),
        (status = 429, body = Problem, content_type = "application/problem+json", description = "Too many wrong PINs"),
        Refused))]
pub(crate) async fn ask_own_room(
    owner: Owner,
    State(api): State<Api>,
    peer: Option<Extension<Peer>>,
    Id(number): Id<String>,
    Body(ask): Body<AskOwnRoom>,
) -> Result<Json<Room>, Problem> {
    let number = known(&owner.site, &number)?;
    let peer = peer.map_or(Peer::UNKNOWN, |Extension(peer)| peer);
    // A PIN is short: it is tried no faster than a password.
    let attempt = api
        .throttle()
        .attempt(api.now(), peer.network(), &format!("room {number}"))
        .map_err(Problem::throttled)?;
    let role = owner.site.directory.rooms.get(&number);
    let role = role.and_then(|room| room.role(&ask.pin));
    if role != Some(RoomRole::Administrator) {
        tracing::warn!(target: "audit", account = %owner.number, room = %number, "wrong PIN of a conference room");
        return Err(Problem::wrong_pin());
    }
    api.throttle().succeeded(attempt);
    if let Some(action) = ask.action {
        let command = command(action, ask.member, ask.number, Some(owner.number))?;
        tracing::info!(target: "audit", account = %owner.number, room = %number, ?action, "a conference was told what to do");
        api.backend().command(Command::Room(number, command));
    }
    Ok(Json(one(&api, &owner.site, &number).await))
}

/// What is asked, as the switch takes it.
fn command(
    action: RoomAction,
    member: Option<u64>,
    number: Option<String>,
    rights: Option<Number>,
) -> Result<RoomCommand, Problem> {
    let member = || {
        let missing = || Problem::field("member", "missing-field", "must say whom it is about");
        member.map(LegId).ok_or_else(missing)
    };
    Ok(match action {
        RoomAction::Mute => RoomCommand::Mute(member()?, Switched::On),
        RoomAction::Unmute => RoomCommand::Mute(member()?, Switched::Off),
        RoomAction::MuteAll => RoomCommand::MuteAll(Switched::On),
        RoomAction::UnmuteAll => RoomCommand::MuteAll(Switched::Off),
        RoomAction::Remove => RoomCommand::Remove(member()?),
        RoomAction::Lock => RoomCommand::Lock(Switched::On),
        RoomAction::Unlock => RoomCommand::Lock(Switched::Off),
        RoomAction::Invite => {
            let number = number.unwrap_or_default();
            let number = Number::parse_pasted(&number)
                .map_err(|error| Problem::field("number", "not-a-number", error))?;
            RoomCommand::Invite { number, rights }
        }
        RoomAction::End => RoomCommand::End,
    })
}

/// The room of that number.
fn known(site: &Site, number: &str) -> Result<Number, Problem> {
    let number = Number::parse(number).map_err(|_| Problem::not_found())?;
    let known = site.directory.rooms.contains_key(&number);
    known.then_some(number).ok_or_else(Problem::not_found)
}

async fn one(api: &Api, site: &Site, number: &Number) -> Room {
    told(site, number, live(api).await.get(number))
}

async fn live(api: &Api) -> BTreeMap<Number, LiveRoom> {
    let live = api.backend().rooms().await.into_iter();
    live.map(|room| (room.number, room)).collect()
}

fn told(site: &Site, number: &Number, live: Option<&LiveRoom>) -> Room {
    let (zone, room) = (zone(site), site.directory.rooms.get(number));
    let members = live.into_iter().flat_map(|live| &live.members);
    Room {
        number: *number,
        name: room.map(|room| room.name.clone()).unwrap_or_default(),
        locked: live.is_some_and(|live| live.locked == Switched::On),
        members: members
            .map(|member| Member {
                id: member.leg.0,
                number: member
                    .party
                    .number
                    .map(|number| number.to_string())
                    .unwrap_or_default(),
                name: member.party.name.clone(),
                role: member.role,
                muted: member.muted == Switched::On,
                since: zone.written(member.since),
            })
            .collect(),
    }
}
