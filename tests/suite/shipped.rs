//! A node made of nothing but what a version ships becomes the base block and nothing else.

use std::collections::BTreeSet;

use apim_migrate::decision::Decisions;
use apim_migrate::mapping::Standing;
use apim_migrate::mapping::figures::MEASURED;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::Options;
use apim_migrate::role::{Profile, Role};
use apim_migrate::version::Version;

use crate::document::document;
use crate::node::{keys_of, write_node};

/// What semantics.md asks of a single all-in-one: the base block (B.2), and beside it labels, environment and listener
/// (B.5, C.6, C.7). The offset is 0 and left out (B.2); a node that no file names is `localhost` (A.4), and so the
/// portal's address is left out (C.8).
const BASE_BLOCK: [&str; 39] = [
    "server.hostname",
    "server.server_role",
    "super_admin.username",
    "super_admin.password",
    "super_admin.create_admin_account",
    "user_store.type",
    "database.apim_db.type",
    "database.apim_db.url",
    "database.apim_db.username",
    "database.apim_db.password",
    "database.shared_db.type",
    "database.shared_db.url",
    "database.shared_db.username",
    "database.shared_db.password",
    "apim.gateway.environment[0].name",
    "apim.gateway.environment[0].type",
    "apim.gateway.environment[0].display_in_api_console",
    "apim.gateway.environment[0].description",
    "apim.gateway.environment[0].show_as_token_endpoint_url",
    "apim.gateway.environment[0].service_url",
    "apim.gateway.environment[0].username",
    "apim.gateway.environment[0].password",
    "apim.gateway.environment[0].ws_endpoint",
    "apim.gateway.environment[0].wss_endpoint",
    "apim.gateway.environment[0].http_endpoint",
    "apim.gateway.environment[0].https_endpoint",
    "apim.sync_runtime_artifacts.gateway.gateway_labels",
    "apim.cors.allow_headers",
    "event_handler[0].name",
    "event_handler[0].subscriptions",
    "event_listener[0].id",
    "event_listener[0].type",
    "event_listener[0].name",
    "event_listener[0].order",
    "event_listener[0].properties.notification_endpoint",
    "event_listener[0].properties.username",
    "event_listener[0].properties.password",
    "event_listener[0].properties.header.X-WSO2-KEY-MANAGER",
    "service_provider.sp_name_regex",
];

/// The files that `version` ships, as measured; what stands in comments is left out.
fn shipped_files(tables: &Tables, version: Version) -> Vec<(String, String)> {
    let mut rows: Vec<(&str, String, &str)> = Vec::new();
    for (file, path, shipped) in tables.defaults.all_rows().filter(|(.., shipped)| !shipped.commented_out) {
        let Some(value) = shipped.shipped_by(version) else { continue };
        // The one environment that is shipped stands in the table without its name.
        rows.push((file, path.replace("[Name='*']", "[Name='Production and Sandbox']"), value));
    }
    let mut files: Vec<&str> = rows.iter().map(|(file, ..)| *file).collect();
    files.sort_unstable();
    files.dedup();
    let leaves = |file: &str| {
        let own: Vec<(&str, &str)> =
            rows.iter().filter(|(of, ..)| *of == file).map(|(_, path, value)| (path.as_str(), *value)).collect();
        document(file, own)
    };
    files.into_iter().map(|file| (file.to_owned(), leaves(file))).collect()
}

#[test]
fn a_shipped_node_becomes_the_base_block() {
    let tables = Tables::built_in();
    for version in MEASURED {
        let folder = tempfile::tempdir().unwrap();
        write_node(&folder.path().join("apim"), &shipped_files(&tables, version));
        let material = apim_migrate::pipeline::read(&folder.path().join("apim")).unwrap();
        let migration = apim_migrate::migrate(&material, &Options::default(), &tables, &Decisions::default()).unwrap();
        let [deployment] = &migration.deployments[..] else { panic!("one deployment of {version}") };
        let [node] = &deployment.plan.nodes[..] else { panic!("one node of {version}") };
        assert_eq!(node.profile, Profile::AllInOne);
        assert_eq!(deployment.source.nodes[0].roles, [Role::AllInOne]);
        let found: BTreeSet<String> = keys_of(&deployment.files[0].text).into_iter().collect();
        let expected: BTreeSet<String> = BASE_BLOCK.iter().map(|key| (*key).to_owned()).collect();
        let surplus: Vec<_> = found.difference(&expected).collect();
        let missing: Vec<_> = expected.difference(&found).collect();
        assert!(surplus.is_empty() && missing.is_empty(), "{version}: not asked for {surplus:?}, missing {missing:?}");
        // The files read as they were made: nothing in them passes for somebody's choice.
        let settings = || deployment.nodes.iter().flat_map(|node| &node.settings.settings);
        let changed: Vec<String> = settings()
            .filter(|setting| setting.standing == Standing::Changed)
            .map(|setting| format!("{} = {}", setting.leaf.path, setting.leaf.value))
            .collect();
        assert!(changed.is_empty(), "{version}: taken as changed {changed:#?}");
        assert!(settings().count() > 1000, "{version}: most of the leaves are gone");
    }
}

/// The identity endpoints of 2.6 (semantics-settings.md 7.1): one other server for all of them is one key.
#[test]
fn endpoints_of_one_other_server_are_one_key() {
    let tables = Tables::built_in();
    let own = "${carbon.protocol}://${carbon.host}:${carbon.management.port}";
    let keys = |change: &dyn Fn(&str) -> String| {
        let folder = tempfile::tempdir().unwrap();
        let mut files = shipped_files(&tables, Version::new(2, 6));
        for (name, text) in &mut files {
            if name == "identity/identity.xml" {
                *text = change(text);
            }
        }
        write_node(&folder.path().join("apim"), &files);
        let material = apim_migrate::pipeline::read(&folder.path().join("apim")).unwrap();
        let migration = apim_migrate::migrate(&material, &Options::default(), &tables, &Decisions::default()).unwrap();
        let file: toml::Table = migration.deployments[0].files[0].text.parse().unwrap();
        let base = file["server"].get("base_path").map(|base| base.as_str().unwrap().to_owned());
        let all = keys_of(&migration.deployments[0].files[0].text);
        (base, all.into_iter().filter(|key| key.contains(".endpoints.")).collect::<Vec<_>>())
    };
    let all = keys(&|text| text.replace(own, "https://login.acme.org:443"));
    assert_eq!(all, (Some("https://login.acme.org:443".to_owned()), Vec::new()));
    // One that stays where it was is no other server's.
    let token = format!("{own}/oauth2/token<");
    let (base, single) = keys(&|text| text.replace(&token, "https://login.acme.org/oauth2/token<"));
    assert_eq!((base, single), (None, vec!["oauth.endpoints.oauth2_token_url".to_owned()]));
    // Two servers, and a path of one's own.
    let (base, single) = keys(&|text| {
        let text = text.replace(&token, "https://tokens.acme.org/oauth2/token<");
        text.replace(own, "https://login.acme.org")
    });
    assert!(base.is_none() && single.len() > 10, "{single:?}");
    let (base, single) = keys(&|text| {
        let text = text.replace(&token, "https://login.acme.org/own/token<");
        text.replace(own, "https://login.acme.org")
    });
    assert_eq!(base.as_deref(), Some("https://login.acme.org"));
    assert_eq!(single, ["oauth.endpoints.oauth2_token_url"]);
}
