//! `mappings audit` on a product of our own that knows just what the tables know, and on one that does not.

use apim_migrate::mapping::catalog::{Catalog, Liveness};
use apim_migrate::role::Profile;
use apim_migrate::version::{Target, Version};
use serde_json::{Map, Value, json};

use super::Scratch;

/// A pack of 4.6 whose only table that says anything is that of the defaults.
fn product(scratch: &Scratch, defaults: &Map<String, Value>, template: &str) {
    scratch.put("home/bin/version.txt", b"Our own API Manager v4.6.0\n");
    scratch.put("home/lib/none.jar", b"");
    let conf = "home/repository/resources/conf";
    for name in ["key-mappings.json", "infer.json", "unit-resolve.json", "validator.json"] {
        scratch.put(&format!("{conf}/{name}"), b"{}");
    }
    scratch.put(&format!("{conf}/default.json"), Value::Object(defaults.clone()).to_string().as_bytes());
    scratch.put(&format!("{conf}/templates/repository/conf/a.xml.j2"), template.as_bytes());
}

/// The defaults of every key that lives in 4.6.
fn ours() -> Map<String, Value> {
    let catalog = Catalog::built_in();
    let live =
        catalog.all_keys().filter(|key| matches!(key.liveness(Version::new(4, 6)), Liveness::Live | Liveness::Breaks));
    live.map(|key| {
        let default = catalog.defaults(key.name, Target::V4_6, Profile::AllInOne)[0];
        (key.name.to_owned(), json!(default))
    })
    .collect()
}

#[test]
fn a_product_that_knows_the_same_differs_in_nothing() {
    let scratch = Scratch::new();
    product(&scratch, &ours(), "<a/>");
    let run = scratch.run(&["mappings", "audit", "--product", "home"]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(run.stdout, "Our own API Manager 4.6.0, compared with the tables of 4.6\nnothing differs\n");
}

#[test]
fn every_difference_is_told() {
    let scratch = Scratch::new();
    let mut defaults = ours();
    defaults.remove("apim.devportal.mode").expect("the key lives in 4.6");
    defaults.insert("server.hidden".to_owned(), json!("x"));
    defaults.insert("apim.jwt.header".to_owned(), json!("X-Other"));
    product(&scratch, &defaults, "{{ apim.brand_new.colour }}{% for one in brand.list %}{{ one.field }}{% endfor %}");
    scratch.put("home/repository/resources/conf/templates/repository/conf/b.xml.j2", b"<b>\n  {% while x %}\n</b>");
    let run = scratch.run(&["mappings", "audit", "--product", "home", "--format", "json"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    super::schema::check("audit", &run.json());
    assert_eq!(
        run.json(),
        json!({
            "product": "Our own API Manager 4.6.0",
            "compared_with": "4.6",
            "not_in_ours": ["apim.brand_new.colour", "brand.list[].field", "server.hidden"],
            "not_in_product": ["apim.devportal.mode"],
            "defaults": [{
                "profiles": ["all-in-one"],
                "key": "apim.jwt.header",
                "ours": "X-JWT-Assertion",
                "product": "X-Other",
            }],
            "unjudged": [
                "repository/conf/b.xml.j2:2:3: the tag `while` is not of the part of the language that is known"
            ],
        })
    );
    let text = scratch.run(&["mappings", "audit", "--product", "home"]).stdout;
    assert!(text.contains("keys with another default (1):\n  apim.jwt.header (all-in-one): ours `X-JWT-Assertion`, the product's `X-Other`\n"), "{text}");
}

#[test]
fn a_folder_that_is_no_product_is_an_error() {
    let scratch = Scratch::new();
    scratch.put("home/readme.txt", b"");
    let run = scratch.run(&["mappings", "audit", "--product", "home"]);
    assert!(run.one_error().starts_with("home: no home of API-M: `lib` is not there"), "{}", run.stderr);
}
