//! Recordings that replace prompts, looked for while the server runs.

use media::Rate;
use media::prompts::Library;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// Finds new and changed recordings, for ever. The first round also unpacks the music, so that the first
/// call on hold does not wait for it.
pub(super) async fn keep(library: Arc<Library>) {
    let warm = Arc::clone(&library);
    spawn_blocking(move || drop(warm.music(Rate::Narrow.hz())));
    loop {
        let library = Arc::clone(&library);
        let unusable = spawn_blocking(move || library.refresh()).await;
        for recording in unusable.unwrap_or_default() {
            tracing::warn!("{recording}");
        }
        sleep(LOOK_EVERY).await;
    }
}

const LOOK_EVERY: Duration = Duration::from_secs(30);
