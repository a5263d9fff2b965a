//! Letters that are longer, shorter or other than they look, thrown at all that takes texts apart: nothing panics.

use apim_migrate::check::{Node, Standard, check};
use apim_migrate::layout::nodes::natural;
use apim_migrate::layout::{FileText, InputFile, java_options::java_options};
use apim_migrate::logging::pattern::{Dialect, convert};
use apim_migrate::logging::place::{date, dated};
use apim_migrate::logging::text::escaped;
use apim_migrate::mapping::catalog::{Kind, items, parts, without_indexes};
use apim_migrate::mapping::rule::Codec;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::mapping::{codec, path};
use apim_migrate::topology::source::{amqp, host, tokens, url_group};
use apim_migrate::version::Target;
use apim_migrate::{foreign, secret};
use proptest::prelude::*;

/// Texts of the marks that these functions look for, and of letters that are several bytes, or another number of bytes in
/// lower case.
fn texts() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "amqp://",
        "://",
        "password",
        "password=",
        "Password: ",
        "@",
        ":",
        "/",
        "?",
        "&",
        ";",
        ",",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "brokerlist=",
        "tcp://",
        "jdbc:oracle:thin:",
        "%3D",
        "%26",
        "%",
        "$",
        "${",
        "$ref{",
        "$secret{",
        "Basic ",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----",
        "=",
        "#",
        "\\",
        " ",
        "\n",
        "\t",
        "a",
        "gw",
        "9443",
        "0",
        "-",
        "_",
        ".",
        "<",
        ">",
        "`",
        "|",
        "]]",
        "']",
        "@name='",
        "-Dx=",
        "%d{",
        "%m",
        "{{",
        "}}",
        "{%",
    ];
    const ODD: &[&str] = &[
        "’", "‘", "“", "İ", "ß", "ﬀ", "\u{212a}", "é", "e\u{301}", "节点", "𝕏", "\u{202e}", "\u{feff}", "\u{a0}", "Ⱥ",
        "ſ", "\u{345}", "١",
    ];
    prop::collection::vec(
        prop_oneof![2 => prop::sample::select(WORDS), 1 => prop::sample::select(ODD)].prop_map(str::to_owned),
        0..14,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(3000) })]

    #[test]
    fn takes_any_text(text in texts(), other in texts()) {
        for shown in [secret::mask_urls(&text), secret::prose(&text), secret::shown(&text, true)] {
            prop_assert!(shown.len() <= text.len() + 8 * (text.len() + 1));
        }
        // What is masked once stays as it is.
        let _ = (secret::is_secret_name(&text), secret::by_name(&text, &other), secret::comment(&text), secret::property(&text));
        let _ = (secret::damaged(&text, false), secret::damaged(&text, true), secret::texts_of_lines(&text), secret::refers(&text));
        let mut comments = secret::Comments::default();
        comments.enter(&other);
        for line in [&text, &format!("#{text}"), &format!("# password = {text}"), &format!("# <Password>{other}"), &format!("#{other}")] {
            comments.line(line);
        }
        let _ = secret::neighbours([(text.as_str(), other.as_str()), (other.as_str(), text.as_str())].into_iter());
        let known = secret::Known::of([(text.as_str(), true), (other.as_str(), false)].into_iter());
        let _ = known.clean(&format!("{other}{text}{other}"));
        prop_assert!(!foreign::line(&text).contains(foreign::is_unsafe));
        prop_assert!(!foreign::markdown(&text).contains(foreign::is_unsafe));
        prop_assert!(!foreign::markdown_sentence(&text, true).contains(foreign::is_unsafe));
        let _ = (host::Url::parse(&text), host::normalise(&text), host::is_local(&text), host::looks_like_address(&text));
        let _ = (amqp::parse(&text), amqp::parse(&format!("amqp://{text}")), amqp::decode(&text), url_group::parse(&text));
        let _ = (tokens::roles_in(&text), natural(&text, &other), parts(&text).len(), without_indexes(&text), items(&text));
        let _ = (path::segments(&text), path::names(&text), path::without_numbers(&text), path::parent(&text), path::naming_attribute(&text));
        let _ = (codec::typed(&text), codec::is_opaque(&text));
        for form in [Codec::Copy, Codec::default()] {
            for kind in [Kind::Text, Kind::Boolean, Kind::Integer, Kind::Duration, Kind::List] {
                let _ = codec::convert(&text, form, kind);
            }
        }
        for tenant_aware in [false, true] {
            let _ = convert(&text, Dialect { tenant_aware, masks: tenant_aware, target: Target::Current });
        }
        let _ = (date(&text), dated(&text, "yyyy"), escaped(&text));
        let _ = java_options(&InputFile { path: "bin/wso2server.sh", text: FileText::Text(&text) });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn checks_any_file(lines in prop::collection::vec((texts(), texts()), 1..5), damaged in any::<bool>()) {
        let tables = Tables::built_in();
        let mut text = String::from("[apim]\n");
        for (number, (key, value)) in lines.iter().enumerate() {
            if damaged {
                text.extend([key.as_str(), " ", value, "\n"]);
            } else {
                let quoted = |text: &str| apim_migrate::emit::toml::basic_string(text);
                text.extend([&quoted(&format!("{number}{key}")), " = ", &quoted(value), "\n"]);
            }
        }
        let node = Node::new("n".to_owned(), "f".to_owned(), &text, Standard::of(Target::Current), None);
        for found in check(&[node], &tables) {
            if let Some(excerpt) = found.excerpt {
                prop_assert!(!excerpt.safe().line.contains(foreign::is_unsafe));
            }
        }
    }
}

/// A deployment whose every value is odd: the commands go through.
#[test]
fn migrates_odd_values() {
    let odd = [
        "amqp://admin:s’p@clientid/carbon?brokerlist=’tcp://tm:5672’",
        "’https://gw.exämple.com:９443’",
        "İ://ß:１",
        "节点1",
        "ﬀ\u{212a}",
        "tcp://tm-é1:5672,tcp://tm-è2:5672",
    ];
    let scratch = crate::cli::Scratch::new();
    let tables = Tables::built_in();
    let places = crate::planting::places::old(&tables);
    for (node, name) in ["节点1", "节点2", "gw-’é"].iter().enumerate() {
        let values: Vec<String> = (0..places.len()).map(|index| odd[(index + node) % odd.len()].to_owned()).collect();
        for (file, text) in crate::planting::places::files(&places, &values) {
            scratch.put(&format!("in/{name}/{file}"), text.as_bytes());
        }
    }
    for format in ["text", "json"] {
        let run = scratch.run(&["plan", "in", "--format", format]);
        assert!((0..=3).contains(&run.exit) && !run.stderr.contains("panicked"), "{}: {}", run.exit, run.stderr);
    }
}
