//! A panic is a bug of ours. It is caught where a piece of work begins, so that it costs that piece alone, and what
//! it says is not shown: it may quote the input, secrets and all.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

thread_local! {
    /// How many guards are around what this thread does.
    static GUARDS: Cell<u32> = const { Cell::new(0) };
    /// Where the last panic of this thread arose.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Some work panicked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a bug{}; please report it", place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default())]
pub struct Bug {
    /// The place in the source, `src/file.rs:line`, if it is known.
    pub place: Option<String>,
}

/// Does the work; a panic in it prints nothing.
///
/// # Errors
/// When the work panics. What it was changing may be half done: nothing of it must be used any more.
pub fn guarded<T>(work: impl FnOnce() -> T) -> Result<T, Bug> {
    install();
    GUARDS.with(|guards| guards.set(guards.get() + 1));
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDS.with(|guards| guards.set(guards.get() - 1));
    result.map_err(|payload| {
        // A payload may panic when it is dropped, too.
        std::mem::forget(payload);
        Bug { place: PLACE.take() }
    })
}

/// Keeps the place of a panic in guarded work; what panics elsewhere is told as before.
fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(
            move |info| {
                if GUARDS.get() > 0 { PLACE.set(place(info)) } else { before(info) }
            },
        ));
    });
}

fn place(info: &PanicHookInfo<'_>) -> Option<String> {
    let location = info.location()?;
    Some(format!("{}:{}", in_source(location.file()), location.line()))
}

/// The file as the source names it: below its crate, whatever machine built it.
fn in_source(file: &str) -> String {
    let parts: Vec<&str> = file.split(['/', '\\']).collect();
    // Of a library the crate's name stays: `memchr-2.8.3/src/memchr.rs`.
    let from = parts.iter().rposition(|part| *part == "src").map_or(parts.len() - 1, |src| src.saturating_sub(1));
    parts[from..].join("/")
}

#[cfg(test)]
mod tests {
    use super::{Bug, guarded, in_source};
    use crate::text::Parts as _;

    #[test]
    fn a_panic_becomes_a_bug_that_tells_its_place_and_nothing_else() {
        let secret = "sesame";
        let line = line!() + 1;
        let bug = guarded(|| -> () { panic!("password `{secret}`") }).unwrap_err();
        assert_eq!(bug.to_string(), format!("a bug (src/guard.rs:{line}); please report it"));
        let bug = guarded(|| "ä".part(1..).len()).unwrap_err();
        assert!(bug.place.is_some(), "{bug}");
        assert_eq!(guarded(|| 1), Ok(1));
    }

    #[test]
    fn the_rest_goes_on() {
        let done: Vec<Result<u32, Bug>> =
            (0..4).map(|one| guarded(|| if one == 2 { panic!("two") } else { one })).collect();
        assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 3);
        assert!(done[2].is_err());
        // A guard inside another costs the inner work alone, and the place of an old panic is not told twice.
        assert_eq!(guarded(|| guarded(|| -> () { panic!("inner") }).is_err()), Ok(true));
    }

    #[test]
    fn places_are_those_of_the_source() {
        assert_eq!(in_source("src/emit/toml.rs"), "src/emit/toml.rs");
        assert_eq!(in_source("/home/of/somebody/toml-1.2.1/src/de.rs"), "toml-1.2.1/src/de.rs");
        assert_eq!(in_source("src\\cli\\mod.rs"), "src/cli/mod.rs");
        assert_eq!(in_source("build.rs"), "build.rs");
    }
}
