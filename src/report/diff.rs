//! A file to be written against the plain file of its profile: what a reviewer reads.

use similar::TextDiff;

use crate::emit::toml::render;
use crate::mapping::catalog::Catalog;
use crate::role::Profile;
use crate::secret::MASK;
use crate::secret::is_secret_name;
use crate::version::Target;

/// The plain file of `profile`, in the order and form of our own files so that the difference is one of values.
/// Its secrets are the shipped ones; they are named, not shown, unless `secrets` are.
#[must_use]
pub fn plain(catalog: &Catalog, profile: Profile, target: Target, secrets: bool) -> String {
    let rows = catalog.template(profile, target);
    let value = |key: &str, value: &str| {
        let refers = value.contains("${") || value.contains("$ref{") || value == "\"\"";
        if !secrets && is_secret_name(key) && !refers { "\"(shipped)\"".to_owned() } else { value.to_owned() }
    };
    render(rows.into_iter().map(|(key, text)| (key, value(key, text)))).text
}

/// The unified difference from `plain` to `text`, named `file`; empty if there is none.
#[must_use]
pub fn unified(plain: &str, text: &str, profile: Profile, file: &str) -> String {
    debug_assert!(!plain.contains(MASK));
    let from = format!("plain {profile}");
    TextDiff::from_lines(plain, text).unified_diff().context_radius(2).header(&from, file).to_string()
}

#[cfg(test)]
mod tests {
    use super::{plain, unified};
    use crate::mapping::catalog::Catalog;
    use crate::role::Profile;
    use crate::version::Target;

    #[test]
    fn plain_files_are_well_formed_and_hide_their_secrets() {
        let catalog = Catalog::built_in();
        for target in [Target::Current, Target::V4_0, Target::V4_3, Target::V4_6] {
            for profile in [Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager, Profile::AllInOne] {
                let shown = plain(&catalog, profile, target, false);
                let parsed: toml::Table = shown.parse().unwrap();
                assert_eq!(parsed["super_admin"]["password"].as_str(), Some("(shipped)"));
                assert!(plain(&catalog, profile, target, true).contains("password = \"admin\""));
                let rows = catalog.template(profile, target).len();
                assert_eq!(shown.lines().filter(|line| line.contains(" = ")).count(), rows, "no row is lost");
            }
        }
    }

    #[test]
    fn shows_what_differs() {
        let diff = unified("[a]\nx = 1\n", "[a]\nx = 2\n", Profile::ControlPlane, "control-plane/x.toml");
        assert_eq!(diff, "--- plain control-plane\n+++ control-plane/x.toml\n@@ -1,2 +1,2 @@\n [a]\n-x = 1\n+x = 2\n");
        assert_eq!(unified("a\n", "a\n", Profile::ControlPlane, "f"), "");
    }
}
