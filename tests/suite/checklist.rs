//! The checklist: an item is there when the deployment shows a sign of it, and only then; no secret is in it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use apim_migrate::checklist::{self, Item};
use apim_migrate::decision::Decisions;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::Options;
use apim_migrate::pipeline;
use apim_migrate::version::Target;

const HOME: &str = "repository/conf/";

fn put(home: &Path, file: &str, text: &str) {
    let path = home.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

/// The items for a node of 2.6 with databases of its own, after `change`.
fn items(target: Target, change: impl Fn(&Path)) -> Vec<Item> {
    with(&Options { target, ..Options::default() }, change)
}

fn with(options: &Options, change: impl Fn(&Path)) -> Vec<Item> {
    let scratch = tempfile::tempdir().unwrap();
    let home = scratch.path().join("apim");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/all-in-one/in/apim").join(HOME);
    for file in ["api-manager.xml", "user-mgt.xml", "registry.xml", "datasources/master-datasources.xml"] {
        put(&home, &format!("{HOME}{file}"), &fs::read_to_string(sample.join(file)).unwrap());
    }
    let carbon = fs::read_to_string(sample.join("carbon.xml")).unwrap();
    put(&home, &format!("{HOME}carbon.xml"), &carbon.replace("own.jks", "wso2carbon.jks"));
    change(&home);
    let material = pipeline::read(&scratch.path().join("apim")).unwrap();
    let tables = Tables::built_in();
    let migration = pipeline::migrate(&material, options, &tables, &Decisions::default()).unwrap();
    checklist::of(&migration, &migration.deployments[0])
}

fn ids(items: &[Item]) -> Vec<String> {
    items.iter().map(|item| item.row.id.clone()).collect()
}

fn edit(home: &Path, file: &str, old: &str, new: &str) {
    let path = format!("{HOME}{file}");
    let text = fs::read_to_string(home.join(&path)).unwrap();
    assert!(text.contains(old), "{file} lacks {old}");
    put(home, &path, &text.replacen(old, new, 1));
}

/// What makes an item due.
type Change = (&'static str, &'static str, fn(&Path));

const SIGNS: [Change; 24] = [
    ("new-databases", "is an H2 file", |home| {
        edit(home, "datasources/master-datasources.xml", "jdbc:mysql://db.example.org:3306/apim", "jdbc:h2:/data/apim");
    }),
    ("key-stores", "copy `own.jks`", |home| edit(home, "carbon.xml", "wso2carbon.jks", "own.jks")),
    ("key-stores", "which lay elsewhere", |home| {
        edit(
            home,
            "carbon.xml",
            "${carbon.home}/repository/resources/security/wso2carbon.jks",
            "/etc/pki/wso2carbon.jks",
        );
    }),
    ("secrets", "`admin-alias`", |home| {
        edit(home, "user-mgt.xml", "<Password>apim-secret", "<Password svns:secretAlias=\"admin-alias\">password");
    }),
    ("custom-classes", "`com.acme.AcmeJwt`", |home| {
        edit(home, "api-manager.xml", "org.wso2.carbon.apimgt.keymgt.token.JWTGenerator", "com.acme.AcmeJwt");
    }),
    ("custom-classes", "`acme.jar`", |home| put(home, "repository/components/dropins/acme.jar", "")),
    ("mediation", "`own.xml`", |home| {
        put(home, "repository/deployment/server/synapse-configs/default/sequences/own.xml", "<a/>");
    }),
    ("mediation", "`velocity_template.xml`", |home| {
        put(home, "repository/resources/api_templates/velocity_template.xml", "<a/>");
    }),
    ("web-applications", "`site.json`", |home| {
        put(home, "repository/deployment/server/jaggeryapps/store/site/conf/site.json", "{}");
    }),
    ("user-stores-and-tenants", "`partner.xml`", |home| {
        put(home, "repository/deployment/server/userstores/partner.xml", "<a/>");
    }),
    ("event-artifacts", "`own.siddhiql`", |home| {
        put(home, "repository/deployment/server/executionplans/own.siddhiql", "");
    }),
    ("registry", "enter the passwords", |home| {
        edit(home, "api-manager.xml", "<EnableSecureVault>false", "<EnableSecureVault>true");
    }),
    ("separate-servers", "statistics were on", |home| {
        edit(home, "api-manager.xml", "</GatewayType>", "</GatewayType><Analytics><Enabled>true</Enabled></Analytics>");
    }),
    ("jvm-options", "`-Dhttp.proxyHost=proxy.acme.org`: set", |home| {
        put(
            home,
            "bin/wso2server.sh",
            "$JAVACMD -Xmx1024m -Dhttp.proxyHost=proxy.acme.org \\\n  -Dcarbon.home=\"$CARBON_HOME\"\n",
        );
    }),
    ("jvm-options", "`-Xmx4g`: memory is not carried over", |home| {
        put(home, "bin/wso2server.sh", "JVM_MEM_OPTS=\"-Xmx4g\"");
    }),
    ("jvm-options", "`LimitNOFILE=65535`: set the limits", |home| {
        put(home, "wso2am.service", "[Service]\nLimitNOFILE=65535\n");
    }),
    ("jvm-options", "`wso2am.service`: make one anew", |home| put(home, "wso2am.service", "[Service]\n")),
    ("custom-classes", "`acme-handlers-1.0.jar`", |home| {
        put(home, "repository/components/lib/acme-handlers-1.0.jar", "");
    }),
    ("mediation", "`add_header.xml`", |home| {
        put(home, "repository/resources/customsequences/in/add_header.xml", "<a/>");
    }),
    ("mediation", "`AcmeInbound.xml`", |home| {
        put(home, "repository/deployment/server/synapse-configs/default/inbound-endpoints/AcmeInbound.xml", "<a/>");
    }),
    ("web-applications", "`acme.war`, `acme`: compare", |home| {
        put(home, "repository/deployment/server/webapps/acme/WEB-INF/web.xml", "<a/>");
        put(home, "repository/deployment/server/webapps/acme/index.html", "");
        put(home, "repository/deployment/server/webapps/acme.war", "");
    }),
    ("external-jobs", "deployment synchronizer", |home| {
        let on = "<DeploymentSynchronizer><Enabled>true</Enabled></DeploymentSynchronizer></Server>";
        edit(home, "carbon.xml", "</Server>", on);
    }),
    ("files-to-copy", "`metrics.properties`", |home| put(home, "repository/conf/metrics.properties", "a=b")),
    ("unknown-files", "`acme.xml`", |home| put(home, "repository/conf/acme.xml", "<a/>")),
];

/// Names of what the packs of 2.1, 2.5 and 2.6 have, and what the publisher writes for an API.
#[test]
fn what_the_product_ships_is_no_sign() {
    let server = "repository/deployment/server/";
    let shipped = items(Target::Current, |home| {
        for name in [
            "synapse-configs/default/api/_TokenAPI_.xml",
            "synapse-configs/default/api/admin--Pets_v1.0.0.xml",
            "synapse-configs/default/endpoints/Pets--v1.0.0_APIproductionEndpoint.xml",
            "synapse-configs/default/sequences/_auth_failure_handler_.xml",
            "synapse-configs/default/inbound-endpoints/WebSocketInboundEndpoint.xml",
            "executionplans/RequestPreProcessorExecutionPlan.siddhiql",
            "executionplans/carbon.super_resource_50KPerMin_defualt.siddhiql",
            "eventpublishers/keyTemplateEventPublisher.xml",
            "eventreceivers/throttleWSO2EventReceiver.xml",
            "eventstreams/org.wso2.throttle.request.stream_1.0.0.json",
            "webapps/throttle#data#v1.war",
            "webapps/am#sample#pizzashack#v1/WEB-INF/web.xml",
            "jaggeryapps/store/site/themes/wso2/templates/api.jag",
        ] {
            put(home, &format!("{server}{name}"), "<a/>");
        }
        for name in [
            "repository/resources/customsequences/in/regex_policy.xml",
            "repository/components/lib/andes-client-3.2.55.jar",
            "repository/components/dropins/andes_client_3.2.55_1.0.0.jar",
            "lib/xercesImpl-2.8.1.wso2v2.jar",
        ] {
            put(home, name, "");
        }
    });
    assert_eq!(ids(&shipped), ["databases", "jdbc-drivers", "hosts", "clients", "start"]);
}

#[test]
fn items_are_there_only_with_their_sign() {
    let quiet = ids(&items(Target::Current, |_| {}));
    assert_eq!(quiet, ["databases", "jdbc-drivers", "hosts", "clients", "start"]);
    for (id, told, change) in SIGNS {
        let found = items(Target::Current, change);
        let item =
            found.iter().find(|item| item.row.id == id).unwrap_or_else(|| panic!("{id}: not in {:?}", ids(&found)));
        let point = item.points.iter().find(|point| point.text.contains(told));
        let point = point.unwrap_or_else(|| panic!("{id}: `{told}` is not in {:?}", item.points));
        assert!(!point.causes.is_empty(), "{id}: no cause");
        let others = SIGNS.iter().map(|(other, ..)| *other).filter(|other| *other != id);
        let extra: Vec<&str> = others.filter(|other| ids(&found).contains(&(*other).to_owned())).collect();
        assert!(extra.is_empty(), "{id} brought {extra:?}");
    }
}

#[test]
fn h2_needs_no_driver() {
    let found = items(Target::Current, |home| {
        for database in ["apim", "shared"] {
            let old = format!("jdbc:mysql://db.example.org:3306/{database}");
            edit(home, "datasources/master-datasources.xml", &old, &format!("jdbc:h2:/data/{database}"));
        }
    });
    assert_eq!(ids(&found), ["databases", "new-databases", "hosts", "clients", "start"]);
}

#[test]
fn an_old_name_of_a_portal_is_a_sign() {
    let found = items(Target::Current, |home| {
        let own = "https://localhost:${mgt.transport.https.port}/store";
        edit(home, "api-manager.xml", own, "https://store.example.org/store");
    });
    assert!(ids(&found).contains(&"portal-names".to_owned()), "{:?}", ids(&found));
}

#[test]
fn an_old_driver_is_a_sign() {
    let found = items(Target::Current, |home| put(home, "repository/components/lib/ojdbc7.jar", ""));
    let drivers = found.iter().find(|item| item.row.id == "jdbc-drivers").unwrap();
    assert!(drivers.points.iter().any(|point| point.text.contains("`ojdbc7.jar`")), "{:?}", drivers.points);
    assert!(!ids(&found).contains(&"custom-classes".to_owned()));
}

#[test]
fn nodes_start_as_their_target_wants_it() {
    let command = |target| {
        let items = items(target, |_| {});
        items.last().unwrap().points[0].text.clone()
    };
    assert_eq!(command(Target::Current), "`bin/api-manager.sh`");
    assert_eq!(command(Target::V4_5), "All-in-one: `bin/api-manager.sh`");
}

#[test]
fn the_user_store_gets_unique_ids_on_request() {
    for (unique_id, kind) in [(false, "`database`, as it was"), (true, "`database_unique_id`:")] {
        let items = with(&Options { unique_id, ..Options::default() }, |_| {});
        let texts: Vec<&str> = items[0].points.iter().map(|point| point.text.as_str()).collect();
        assert!(texts.iter().any(|text| text.contains(kind)), "{texts:?}");
    }
}

#[test]
fn no_secret_is_told() {
    for items in SIGNS.map(|(.., change)| items(Target::Current, change)) {
        let text = format!("{items:?}");
        for secret in ["apim-secret", "apimdb-secret", "shareddb-secret", "keystore-secret", "key-secret"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
