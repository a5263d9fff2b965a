//! Mistakes in a file of answers are found with their places.

use apim_migrate::decision::Decisions;

fn error(text: &str) -> String {
    Decisions::read(text, "answers.toml").unwrap_err().to_string()
}

#[test]
fn refuses_an_unknown_decision() {
    assert_eq!(
        error("secrets = \"keep\"\n  secret = \"keep\"\n"),
        "answers.toml:2:3: there is no decision `secret`: do you mean `secrets`?"
    );
    assert!(error("zzz = 1\n").starts_with("answers.toml:1:1: there is no decision `zzz`:"));
}

#[test]
fn refuses_an_unknown_choice() {
    assert_eq!(
        error("secrets = \"hide\"\n"),
        "answers.toml:1:11: `hide` does not answer `secrets`: give `keep`, `keep-brackets`, `secret`, `env`"
    );
    assert!(error("node-role = { a = [\"publisher\", \"storr\"] }\n").contains("`storr` does not answer `node-role`"));
    assert!(error("control-plane-count = \"two\"\n").contains("a whole number"));
    assert!(error("control-plane-address = \"km.example.com\"\n").contains("a URL"));
    assert!(error("secrets = [\"keep\"]\n").contains("is answered with a text"));
}

#[test]
fn refuses_answers_without_their_subject() {
    assert!(error("node-role = \"publisher\"\n").contains("answered per node"));
    assert!(error("host = \"gw.example.com\"\n").contains("`host` needs its placeholder"));
}

#[test]
fn refuses_broken_toml() {
    assert!(error("secrets = \"keep\"\nsecrets = \"env\"\n").starts_with("answers.toml:2:1: "));
    assert!(error("a = \n").starts_with("answers.toml:1:5: "));
}

#[test]
fn tells_unused_answers_in_order() {
    let decisions = Decisions::read("secrets = \"env\"\namqp-verbatim = true\n", "answers.toml").unwrap();
    let places: Vec<String> = decisions.unused().iter().map(|error| error.place.to_string()).collect();
    assert_eq!(places, ["answers.toml:1:1", "answers.toml:2:1"]);
}
