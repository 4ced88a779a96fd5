//! `bellwire serve` and `bellwire demo`: everything up to the first packet.

use super::Place;
use crate::demo;
use crate::document::SecretsFrom;
use crate::metrics::Metrics;
use crate::serve::{Prepared, run};
use crate::site::{Mode, apply};
use anyhow::{Context, Result};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use store::{DataFolder, Store};

pub(super) fn serve(place: &Place, site: Option<&Path>) -> Result<ExitCode> {
    let mut prepared = prepare(place)?;
    if let Some(file) = site {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read the site file {}", file.display()))?;
        take(&mut prepared, &file.display().to_string(), &text)?;
    }
    run(prepared)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn demo(place: &Place) -> Result<ExitCode> {
    let mut prepared = prepare(place)?;
    // A demo site that was changed stays as it is.
    if prepared.opened.site.directory.extensions.is_empty() {
        let text = demo::site(&prepared.opened.store);
        take(&mut prepared, "the demo site", &text)?;
    }
    prepared.logins = demo::logins(&prepared.opened.store, &prepared.opened.site);
    prepared.administrator = demo::administrator(&prepared.opened.store, &prepared.opened.site);
    run(prepared)?;
    Ok(ExitCode::SUCCESS)
}

fn prepare(place: &Place) -> Result<Prepared> {
    let config = place.config()?;
    crate::log::begin(&config.log);
    let folder = DataFolder::take(&place.data)?;
    let metrics = Arc::new(Metrics::default());
    let counted = Arc::clone(&metrics);
    let opened = Store::open(&folder, &config.store.database, move |took| {
        counted.stored(took)
    })?;
    if opened.interrupted > 0 {
        tracing::warn!(
            calls = opened.interrupted,
            "an earlier run did not end its calls; their records say so"
        );
    }
    Ok(Prepared {
        config,
        config_file: place.config.clone(),
        folder,
        opened,
        metrics,
        logins: Vec::new(),
        administrator: None,
    })
}

/// Applies a site file before the first call.
fn take(prepared: &mut Prepared, name: &str, text: &str) -> Result<()> {
    let store = &prepared.opened.store;
    let (applied, changed) = apply(store, name, text, SecretsFrom::Machine, Mode::Apply)?;
    for warning in &applied.warnings {
        tracing::warn!("{warning}");
    }
    for (number, password) in &applied.generated {
        crate::print::note(&format!(
            "the password of {number} is {password}; it is shown this once"
        ));
    }
    if let Some(site) = changed {
        tracing::info!(changes = applied.changes.len(), "the site file was applied");
        prepared.opened.site = site;
    }
    Ok(())
}
