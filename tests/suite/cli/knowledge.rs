//! `explain`, `catalog` and `completions` from outside.

use super::Scratch;

/// What users asked for (wso2/api-manager#4503), question by question: which configurations changed, were deprecated or
/// newly introduced between two versions, for each profile, so that nothing invalid or unnecessary is carried over.
#[test]
fn answers_what_users_asked() {
    let scratch = Scratch::new();
    let diff = scratch.run(&["catalog", "diff", "4.1", "4.5", "--profile", "gateway-worker"]);
    assert_eq!((diff.exit, diff.stderr.as_str()), (0, ""));
    for (question, answer) in [
        ("changed", "\n  apim.gateway_type: Synapse → Regular\n"),
        ("deprecated", "\n  oauth.grant_type.uma_ticket.enable  (still named, but nothing reads it)\n"),
        (
            "renamed",
            "\n  oauth.client.id.validation.regex → oauth.client_id_validation_regex  (drives the same leaf)\n",
        ),
        ("newly introduced", "\n  apim.throttling.sequential_failover_from_beginning"),
        ("must not be carried over", "\n  apim.throttling.jms.max_thread_pool_size\n"),
    ] {
        assert!(diff.stdout.contains(answer), "{question}: {}", diff.stdout);
    }
    let json =
        scratch.run(&["catalog", "diff", "4.1", "4.5", "--profile", "gateway-worker", "--format", "json"]).json();
    assert_eq!((json["from"].as_str(), json["profile"].as_str()), (Some("4.1"), Some("gateway-worker")));
}

#[test]
fn says_which_version_speaks_for_one_that_was_not_measured() {
    let scratch = Scratch::new();
    let run = scratch.run(&["catalog", "diff", "3.2", "4.5"]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, "note: 3.2 was not measured; 3.0 speaks for it\n"));
    let run = scratch.run(&["catalog", "diff", "2.6", "4.5"]);
    assert!(run.one_error().contains("2.6 is not known: deployment.toml of 3.0, 4.0, 4.1"), "{}", run.stderr);
}

#[test]
fn explains_and_names_the_nearest() {
    let scratch = Scratch::new();
    let run = scratch.run(&["explain", "APIKeyValidator/ServerURL"]);
    assert_eq!(run.exit, 0);
    assert!(run.stdout.contains("\n  becomes   apim.key_manager.service_url"), "{}", run.stdout);
    let run = scratch.run(&["explain", "apim.key_manager.servce_url"]);
    assert_eq!(
        run.one_error(),
        "nothing is known of `apim.key_manager.servce_url`; nearest: `apim.key_manager.service_url`"
    );
    let several = scratch.run(&["explain", "HostName"]);
    assert!(
        several.stdout.starts_with("several things have this name; ask for one of them:\n  carbon-server-host-name")
    );
    let json = scratch.run(&["explain", "node-role", "--format", "json"]).json();
    assert_eq!(json["topics"][0]["kind"], "decision");
}

#[test]
fn no_explanation_shows_a_password() {
    let scratch = Scratch::new();
    for name in
        ["super_admin.password", "keystore.primary.password", "database.shared_db.password", "apim.throttling.password"]
    {
        let run = scratch.run(&["explain", name]);
        assert_eq!(run.exit, 0, "{name}");
        assert!(!run.stdout.contains("wso2carbon"), "{}", run.stdout);
    }
}

#[test]
fn completes_the_command_line() {
    let run = Scratch::new().run(&["completions", "bash"]);
    assert_eq!(run.exit, 0);
    assert!(run.stdout.contains("explain") && run.stdout.contains("--traffic-manager"));
}
