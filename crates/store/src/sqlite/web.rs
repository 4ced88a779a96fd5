//! What people of the web are known by and keep there.

use super::read::{Reader, bad_row};
use super::write::{Session, json, word};
use crate::row::RowWrite;
use crate::{ContactRow, ReadError, SessionRow, TokenRow};
use model::{Number, Wall};
use sqlx::{Error, Row};
use std::collections::BTreeMap;

impl Session {
    /// Writes one row, or removes it.
    pub(crate) async fn write_row(&mut self, row: &RowWrite) -> Result<(), Error> {
        let query = match row {
            RowWrite::Mail(mail, write) => return self.write_mail(*mail, *write).await,
            RowWrite::PutSession(session) => sqlx::query(
                "INSERT INTO session (hash, seen_ms, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT (hash) DO UPDATE SET seen_ms = excluded.seen_ms, body = excluded.body",
            )
            .bind(&*session.hash)
            .bind(session.seen.0)
            .bind(&*session.body),
            RowWrite::RemoveSession(hash) => {
                sqlx::query("DELETE FROM session WHERE hash = ?1").bind(&**hash)
            }
            RowWrite::PutToken(token) => sqlx::query(
                "INSERT INTO token (name, hash, role, created_ms) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, role = excluded.role,
                     created_ms = excluded.created_ms",
            )
            .bind(&*token.name)
            .bind(&*token.hash)
            .bind(word(&token.role)?)
            .bind(token.created.0),
            RowWrite::RemoveToken(name) => {
                sqlx::query("DELETE FROM token WHERE name = ?1").bind(&**name)
            }
            RowWrite::PutContact(contact) => sqlx::query(
                "INSERT INTO contact (id, owner, body) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, body = excluded.body",
            )
            .bind(contact.contact.id.cast_signed())
            .bind(contact.owner.as_str())
            .bind(json(&contact.contact)?),
            RowWrite::RemoveContact(id) => {
                sqlx::query("DELETE FROM contact WHERE id = ?1").bind(id.cast_signed())
            }
            RowWrite::Blocked(number) => sqlx::query(
                "INSERT INTO blacklist_hit (number, hits) VALUES (?1, 1)
                 ON CONFLICT (number) DO UPDATE SET hits = hits + 1",
            )
            .bind(number.as_str()),
        };
        query.execute(self.connection()).await.map(drop)
    }
}

impl Reader {
    pub(crate) async fn sessions(&self) -> Result<Vec<SessionRow>, ReadError> {
        let rows = sqlx::query("SELECT hash, seen_ms, body FROM session ORDER BY hash")
            .fetch_all(self.pool())
            .await?;
        rows.iter()
            .map(|row| {
                Ok(SessionRow {
                    hash: row.try_get(0)?,
                    seen: Wall(row.try_get(1)?),
                    body: row.try_get(2)?,
                })
            })
            .collect()
    }

    pub(crate) async fn tokens(&self) -> Result<Vec<TokenRow>, ReadError> {
        let rows = sqlx::query("SELECT name, hash, role, created_ms FROM token ORDER BY name")
            .fetch_all(self.pool())
            .await?;
        rows.iter()
            .map(|row| {
                let name: String = row.try_get(0)?;
                let role: String = row.try_get(2)?;
                let role = super::read::word(&role)
                    .map_err(|detail| bad_row(format!("the token {name:?}"), detail))?;
                Ok(TokenRow {
                    name,
                    hash: row.try_get(1)?,
                    role,
                    created: Wall(row.try_get(3)?),
                })
            })
            .collect()
    }

    /// Those of one extension, or of all.
    pub(crate) async fn contacts(
        &self,
        owner: Option<&Number>,
    ) -> Result<Vec<ContactRow>, ReadError> {
        let rows = sqlx::query(
            "SELECT id, owner, body FROM contact WHERE ?1 IS NULL OR owner = ?1 ORDER BY id",
        )
        .bind(owner.map(Number::as_str))
        .fetch_all(self.pool())
        .await?;
        rows.iter()
            .map(|row| {
                let id: i64 = row.try_get(0)?;
                let (owner, body): (String, String) = (row.try_get(1)?, row.try_get(2)?);
                let bad = |detail| bad_row(format!("contact {id}"), detail);
                Ok(ContactRow {
                    owner: Number::parse(&owner).map_err(|error| bad(error.to_string()))?,
                    contact: super::read::json(&body).map_err(bad)?,
                })
            })
            .collect()
    }

    pub(crate) async fn blacklist_hits(&self) -> Result<BTreeMap<Number, u64>, ReadError> {
        let rows = sqlx::query("SELECT number, hits FROM blacklist_hit")
            .fetch_all(self.pool())
            .await?;
        rows.iter()
            .map(|row| {
                let number: String = row.try_get(0)?;
                let hits: i64 = row.try_get(1)?;
                let number = Number::parse(&number).map_err(|error| {
                    bad_row(String::from("a blacklisted number"), error.to_string())
                })?;
                Ok((number, hits.unsigned_abs()))
            })
            .collect()
    }
}
