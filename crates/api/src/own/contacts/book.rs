//! Both kinds of contacts behind one face.

use crate::limits::{COMPANY_CONTACTS_MAX, CONTACTS_OF_OWNER_MAX};
use crate::page::{List, Paging};
use crate::problem::Problem;
use crate::session::random_id;
use crate::state::Api;
use crate::text::Checks;
use model::{Number, Site};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use store::ContactRow;
use utoipa::{IntoParams, ToSchema};

/// A contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Contact {
    /// Names it.
    id: u64,
    /// The name.
    name: String,
    /// The number to dial.
    phone: String,
    /// The mail address, if there is one.
    email: String,
    /// The company, if there is one.
    company: String,
    /// Who sees it.
    scope: Scope,
    /// The extension that added a private one; null for the company's.
    #[schema(value_type = Option<String>)]
    owner: Option<Number>,
}

/// Who sees a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// Everybody.
    Company,
    /// Its owner, operators and administrators.
    Private,
}

/// A contact as it is added or edited. What only we say (`id`, `scope`, `owner`) may be given back, and must then be the
/// same.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Given {
    /// The name.
    name: String,
    /// The number to dial, as people paste it.
    #[schema(example = "028 8533-7106")]
    phone: String,
    /// The mail address, if there is one.
    #[serde(default)]
    email: String,
    /// The company, if there is one.
    #[serde(default)]
    company: String,
    #[serde(default)]
    id: Option<u64>,
    #[serde(default)]
    scope: Option<Scope>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    owner: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContactsQuery {
    /// Part of a name, number or company.
    q: Option<String>,
    /// From 1.
    #[param(minimum = 1)]
    page: Option<u32>,
    /// Up to 200; 50 unless it is said.
    #[param(minimum = 1, maximum = 200)]
    per_page: Option<u32>,
}

/// The contacts that somebody sees.
pub(crate) struct Book<'a> {
    api: &'a Api,
    site: &'a Site,
    /// The extension whose private ones are in it; `None`: those of all.
    reader: Option<Number>,
}

/// Where a contact is kept.
enum Kept {
    Company(Arc<model::Contact>),
    Private(ContactRow),
}

impl<'a> Book<'a> {
    /// As the owner of an extension sees it.
    pub(crate) const fn of(api: &'a Api, site: &'a Site, owner: Number) -> Self {
        Self {
            api,
            site,
            reader: Some(owner),
        }
    }

    /// As operators and administrators see it.
    pub(crate) const fn of_all(api: &'a Api, site: &'a Site) -> Self {
        Self {
            api,
            site,
            reader: None,
        }
    }

    /// Those that a question selects, by name.
    pub(crate) async fn list(&self, query: &ContactsQuery) -> Result<List<Contact>, Problem> {
        let paging = Paging::read(query.page, query.per_page)?;
        let wanted = query.q.as_deref().unwrap_or_default().trim().to_lowercase();
        let digits = Number::parse_pasted(&wanted).ok();
        let company = self.site.directory.contacts.iter();
        let mut all: Vec<_> = company.map(|contact| told(contact, None)).collect();
        let private = self.api.store().contacts(self.reader.as_ref()).await?;
        all.extend(
            private
                .iter()
                .map(|row| told(&row.contact, Some(row.owner))),
        );
        all.retain(|contact| {
            [&contact.name, &contact.company, &contact.phone]
                .iter()
                .any(|text| text.to_lowercase().contains(&wanted))
                || digits.is_some_and(|digits| contact.phone.contains(digits.as_str()))
        });
        all.sort_by_cached_key(|contact| (contact.name.to_lowercase(), contact.id));
        Ok(paging.cut(all))
    }

    /// Adds a contact: an extension its own, others the company's.
    pub(crate) async fn add(&self, given: Given) -> Result<Contact, Problem> {
        let mut contact = given.read(None, self.scope(), self.reader)?;
        contact.id = random_id()?;
        match self.reader {
            Some(owner) => {
                let own = self.api.store().contacts(Some(&owner)).await?;
                if own.len() >= CONTACTS_OF_OWNER_MAX {
                    return Err(Problem::too_many(
                        "you have too many contacts; remove some first",
                    ));
                }
                self.put_private(ContactRow { owner, contact }).await
            }
            None => {
                if self.site.directory.contacts.len() >= COMPANY_CONTACTS_MAX {
                    return Err(Problem::too_many(
                        "there are too many contacts; remove some first",
                    ));
                }
                let new = Arc::new(contact.clone());
                self.change_company(move |contacts| contacts.push(new))
                    .await?;
                Ok(told(&contact, None))
            }
        }
    }

    /// Edits a contact.
    pub(crate) async fn edit(&self, id: u64, given: Given) -> Result<Contact, Problem> {
        match self.find(id).await? {
            Kept::Private(row) => {
                let contact = given.read(Some(&row.contact), Scope::Private, Some(row.owner))?;
                self.put_private(ContactRow { contact, ..row }).await
            }
            Kept::Company(old) => {
                self.may_change_company()?;
                let contact = given.read(Some(&old), Scope::Company, None)?;
                let new = Arc::new(contact.clone());
                let changed = self.change_company(move |contacts| {
                    if let Some(place) = contacts.iter_mut().find(|contact| contact.id == id) {
                        *place = new;
                    }
                });
                let site = changed.await?;
                let there = site
                    .directory
                    .contacts
                    .iter()
                    .any(|contact| contact.id == id);
                there
                    .then(|| told(&contact, None))
                    .ok_or_else(Problem::not_found)
            }
        }
    }

    /// Removes a contact.
    pub(crate) async fn remove(&self, id: u64) -> Result<(), Problem> {
        match self.find(id).await? {
            Kept::Private(row) => {
                self.api.store().remove_contact(id).await?;
                self.api.hub().contacts_changed(&row.owner);
            }
            Kept::Company(_) => {
                self.may_change_company()?;
                self.change_company(move |contacts| contacts.retain(|contact| contact.id != id))
                    .await?;
            }
        }
        Ok(())
    }

    const fn scope(&self) -> Scope {
        match self.reader {
            Some(_) => Scope::Private,
            None => Scope::Company,
        }
    }

    async fn find(&self, id: u64) -> Result<Kept, Problem> {
        let company = &self.site.directory.contacts;
        if let Some(contact) = company.iter().find(|contact| contact.id == id) {
            return Ok(Kept::Company(Arc::clone(contact)));
        }
        let private = self.api.store().contacts(self.reader.as_ref()).await?;
        let row = private.into_iter().find(|row| row.contact.id == id);
        row.map(Kept::Private).ok_or_else(Problem::not_found)
    }

    fn may_change_company(&self) -> Result<(), Problem> {
        match self.reader {
            None => Ok(()),
            Some(_) => Err(Problem::forbidden(
                "the company's contacts are kept by operators and administrators",
            )),
        }
    }

    async fn put_private(&self, row: ContactRow) -> Result<Contact, Problem> {
        let contact = told(&row.contact, Some(row.owner));
        let owner = row.owner;
        self.api.store().put_contact(row).await?;
        self.api.hub().contacts_changed(&owner);
        Ok(contact)
    }

    async fn change_company(
        &self,
        change: impl FnOnce(&mut Vec<Arc<model::Contact>>) + Send + 'static,
    ) -> Result<Arc<Site>, Problem> {
        let changed = self.api.store().change(move |site| {
            let mut directory = (*site.directory).clone();
            change(&mut directory.contacts);
            Some(Site {
                directory: Arc::new(directory),
                ..site.clone()
            })
        });
        Ok(changed.await?)
    }
}

impl Given {
    /// The contact that is meant, in place of the one that is there.
    fn read(
        &self,
        old: Option<&model::Contact>,
        scope: Scope,
        owner: Option<Number>,
    ) -> Result<model::Contact, Problem> {
        let mut checks = Checks::default();
        let had_phone = old.is_none_or(|old| old.phone.is_some());
        let phone = match self.phone.trim() {
            "" if had_phone => {
                checks.add("phone", "empty", "is empty");
                None
            }
            "" => None,
            text => checks.number("phone", text),
        };
        let read_only = "cannot be changed";
        if self.id.is_some_and(|id| old.is_none_or(|old| old.id != id)) {
            checks.add("id", "read-only", read_only);
        }
        if self.scope.is_some_and(|given| given != scope) {
            checks.add("scope", "read-only", read_only);
        }
        let owner = owner.as_ref().map(Number::as_str);
        if self.owner.is_some() && self.owner.as_deref() != owner {
            checks.add("owner", "read-only", read_only);
        }
        let contact = model::Contact {
            id: old.map_or(0, |old| old.id),
            name: checks.filled("name", &self.name),
            phone,
            email: checks.emails("email", &self.email),
            company: checks.line("company", &self.company),
        };
        checks.done()?;
        Ok(contact)
    }
}

fn told(contact: &model::Contact, owner: Option<Number>) -> Contact {
    Contact {
        id: contact.id,
        name: contact.name.clone(),
        phone: contact
            .phone
            .map(|phone| phone.to_string())
            .unwrap_or_default(),
        email: contact.email.clone(),
        company: contact.company.clone(),
        scope: match owner {
            Some(_) => Scope::Private,
            None => Scope::Company,
        },
        owner,
    }
}
