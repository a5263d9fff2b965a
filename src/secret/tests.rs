use super::{MASK, comment, damaged, fault, mask_urls, neighbours, prose};

/// Cases with `#` for what must be masked.
fn masked(expected: &str) -> String {
    expected.replace('#', MASK)
}

#[test]
fn masks_credentials_in_urls() {
    for (text, expected) in [
        (
            "amqp://admin:p@ss@clientid/carbon?brokerlist='tcp://h:5672'",
            "amqp://admin:#@clientid/carbon?brokerlist='tcp://h:5672'",
        ),
        (
            "amqp://admin:a?b@clientid/carbon?brokerlist='tcp://tm:5672'",
            "amqp://admin:#@clientid/carbon?brokerlist='tcp://tm:5672'",
        ),
        ("amqp://admin:a;b,c'd\"e f/g:h%40@clientid/carbon", "amqp://admin:#@clientid/carbon"),
        (
            "amqp://admin:s@clientid/carbon?brokerlist=’tcp://tm:5672’",
            "amqp://admin:#@clientid/carbon?brokerlist=’tcp://tm:5672’",
        ),
        ("https://u:a?b@gw.example.com:9443/services/", "https://u:#@gw.example.com:9443/services/"),
        ("https://u:a://b@gw.example.com", "https://u:#@gw.example.com"),
        ("http://a:1,https://u:p@b:2", "http://a:1,https://u:#@b:2"),
        ("{tcp://a:9611},{tcp://u:p@b:9611}", "{tcp://a:9611},{tcp://u:#@b:9611}"),
        ("mongodb://u:p@h1:27017,h2:27017/db?authSource=a@b", "mongodb://u:#@h1:27017,h2:27017/db?authSource=a@b"),
        ("ldap://cn=admin:p@ldap.example.com:389", "ldap://cn=admin:#@ldap.example.com:389"),
        ("smtp://me@example.com:p w@mail.example.com:25", "smtp://me@example.com:#@mail.example.com:25"),
        ("jdbc:oracle:thin:scott/tiger@//db:1521/x", "jdbc:oracle:thin:scott/#@//db:1521/x"),
        ("jdbc:oracle:oci:scott/ti@ger@(DESCRIPTION=(HOST=db))", "jdbc:oracle:oci:scott/#@(DESCRIPTION=(HOST=db))"),
        ("jdbc:oracle:thin:@//db.example.com:1521/x", "jdbc:oracle:thin:@//db.example.com:1521/x"),
        ("https://gw.example.com:9443/services/", "https://gw.example.com:9443/services/"),
        ("https://S3cretT0ken:@h.example.com/x", "https://#:@h.example.com/x"),
        ("git+ssh://glT0ken77x@h.example.com/a.git", "git+ssh://#@h.example.com/a.git"),
        ("git+ssh://git@h.example.com/a.git", "git+ssh://git@h.example.com/a.git"),
        ("ssh://build.user2@h.example.com", "ssh://build.user2@h.example.com"),
        ("u:s3cret@[::1]:80", "u:#@[::1]:80"),
        ("https://n.example.com:8443/npm/@scope/x", "https://n.example.com:8443/npm/@scope/x"),
        ("amqp%253A%252F%252Fu%253As3cret%2540h%253A5672", "amqp%253A%252F%252Fu%253A#%2540h%253A5672"),
        ("https://hooks.slack.com/services/T0/B0/abc?x=1", "https://hooks.slack.com/services/#"),
        ("https://t.webhook.office.com/webhookb2/ab@cd/IncomingWebhook/x", "https://t.webhook.office.com/webhookb2/#"),
        ("https://discord.com/api/webhooks/1/ab", "https://discord.com/api/webhooks/#"),
        ("https://discord.com/channels/1", "https://discord.com/channels/1"),
        ("https://chat.example.com/hooks/a1b2c3d4e5", "https://chat.example.com/hooks/#"),
        ("https://gw.example.com/webhooks/orders/1.0", "https://gw.example.com/webhooks/orders/1.0"),
        ("http://a@h/", "http://a@h/"),
        ("me@example.org", "me@example.org"),
        ("jdbc:sqlserver://h:1433;database=am;user=u@srv;x=y", "jdbc:sqlserver://h:1433;database=am;user=u@srv;x=y"),
        ("https://h:9443/a?mail=me@example.org", "https://h:9443/a?mail=me@example.org"),
    ] {
        assert_eq!(mask_urls(text), masked(expected), "{text}");
    }
}

#[test]
fn masks_pairs_to_their_true_end() {
    for (text, expected) in [
        ("jdbc:mysql://h/db?user=a&password=s3cret&x=1", "jdbc:mysql://h/db?user=a&password=#&x=1"),
        ("jdbc:mysql://h/db?user=a&password=p%40 ;,'x&y=1", "jdbc:mysql://h/db?user=a&password=#&y=1"),
        ("jdbc:mysql://h/db?user=a&amp;password=p;x&amp;y=1", "jdbc:mysql://h/db?user=a&amp;password=#&amp;y=1"),
        ("jdbc:sqlserver://h;databaseName=x;password=s&c,r t;y=z", "jdbc:sqlserver://h;databaseName=x;password=#;y=z"),
        ("jdbc:sqlserver://h;password={a;b}}c};y=z", "jdbc:sqlserver://h;password={#};y=z"),
        ("jdbc:sqlserver://h;Password = x;y=z", "jdbc:sqlserver://h;Password = #;y=z"),
        ("tcp://a:1?trust_store_password='x'%26b='c'", "tcp://a:1?trust_store_password='#'%26b='c'"),
        ("tcp://a:1?key_store_password='x'y'&b='c'", "tcp://a:1?key_store_password='#'&b='c'"),
        ("a=b%26password%3Dx%26c%3Dd", "a=b%26password%3D#%26c%3Dd"),
        ("PWD=x", "PWD=#"),
        ("a=b%2526password%253Dx%2526c%253Dd", "a=b%2526password%253D#%2526c%253Dd"),
        ("{\\\"password\\\": \\\"x\\\"}", "{\\\"password\\\": \\\"#\\\"}"),
        ("a\\u0026password\\u003dx\\u0026b", "a\\u0026password\\u003d#\\u0026b"),
        ("custom.password\\=x", "custom.password\\=#"),
        ("passw0rd=x", "passw0rd=#"),
        ("s3cr3t=x&pa55word_policy=long", "s3cr3t=#"),
        ("?auth=u:x&a=b", "?auth=#&a=b"),
        ("?auth=h.example.com:9443&auth=basic", "?auth=h.example.com:9443&auth=basic"),
        ("senha=x", "senha=#"),
        ("mot_de_passe=x", "mot_de_passe=#"),
        ("enclave=x&conclave=y", "enclave=x&conclave=y"),
        ("pasword=x", "pasword=#"),
        ("user=a password=b c=d", "user=a password=# c=d"),
        ("{\"user\": \"a\", \"password\": \"b,c\", \"x\": 1}", "{\"user\": \"a\", \"password\": \"#\", \"x\": 1}"),
        ("X-API-Key: abc, x", "X-API-Key: #"),
        (
            "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=abc=;EntityPath=e",
            "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=#;EntityPath=e",
        ),
        ("client_secret=x&grant_type=password", "client_secret=#"),
        ("grant_type=password&username=a&password=b", "grant_type=password&username=a&password=#"),
        ("password=${db.password}&x=1", "password=${db.password}&x=1"),
        ("?trust_store='/a/b.jks'&ssl=true&port=9443", "?trust_store='/a/b.jks'&ssl=true&port=9443"),
        ("SELECT 1", "SELECT 1"),
        ("select token from users where a = 'b'", "select token from users where a = 'b'"),
        ("org.wso2.carbon.PasswordHandler", "org.wso2.carbon.PasswordHandler"),
        ("token_endpoint=https://h/token", "token_endpoint=https://h/token"),
        ("http://password:8080/x", "http://password:8080/x"),
    ] {
        assert_eq!(mask_urls(text), masked(expected), "{text}");
    }
}

#[test]
fn masks_what_is_spoken_of_otherwise() {
    for (text, expected) in [
        ("keytool -storepass a1b2 -keypass 'c d' -alias gw", "keytool -storepass # -keypass # -alias gw"),
        ("curl -u admin:s3cret https://h.example.com", "curl -u admin:# https://h.example.com"),
        ("run --password x y --port 9443 --show", "run --password # y --port 9443 --show"),
        ("java -jar a.jar --user ann --password-file /etc/p", "java -jar a.jar --user ann --password-file /etc/p"),
        ("ann:s3c:r@t@proxy.example.com:3128", "ann:#@proxy.example.com:3128"),
        ("mailto:ann@example.com", "mailto:ann@example.com"),
        ("PASSWORD s3same", "PASSWORD #"),
        ("<property name=\"password\" value=\"s3same\"/>", "<property name=\"password\" value=#/>"),
        ("<property name=\"port\" value=\"9443\"/>", "<property name=\"port\" value=\"9443\"/>"),
        ("<property name='password'>s3same</property>", "<property name='password'>#</property>"),
        ("{'name': 'passwd', 'value': 's3same'}", "{'name': 'passwd', 'value': #}"),
        ("password -> s3same", "password -> #"),
        ("mysql -uroot -ps3same am", "mysql -uroot -p# am"),
        ("sshpass -p s3same ssh h", "sshpass -p # ssh h"),
        ("java -p 9443", "java -p 9443"),
        ("SET PASSWORD FOR 'u'@'h' = PASSWORD('s3same')", "SET PASSWORD FOR 'u'@'h' = PASSWORD(#)"),
        ("x-functions-key: s3same", "x-functions-key: #"),
        ("sa:s3same@tcp(db.example.com:3306)/am", "sa:#@tcp(db.example.com:3306)/am"),
        ("https://s3T0ken:x-oauth-basic@h.example.com", "https://#:x-oauth-basic@h.example.com"),
        ("set requirepass x7y8z9w, save 60", "set requirepass #, save 60"),
        ("user ann password s3same port 1", "user ann password # port 1"),
        ("the password must be changed", "the password must be changed"),
        ("Password Policy", "Password Policy"),
        ("Secret Store", "Secret Store"),
        ("SELECT UM_PASSWORD UM2 FROM t", "SELECT UM_PASSWORD UM2 FROM t"),
        ("{password, x}", "{password, #}"),
        ("[\"password\", \"s3same\"]", "[\"password\", #]"),
        ("[password, refresh_token]", "[password, refresh_token]"),
        ("{password, client_credentials}", "{password, client_credentials}"),
        ("&lt;Pin&gt;12&lt;/Pin&gt;", "&lt;Pin&gt;#&lt;/Pin&gt;"),
        ("//ann:s3cret@h.example.com/x", "//ann:#@h.example.com/x"),
        ("ann/s3cret@//db.example.com:1521/x", "ann/#@//db.example.com:1521/x"),
        ("scope/package@1.2", "scope/package@1.2"),
        (
            "<a><Password x=\"1\">s3cret</Password><Port>9443</Port></a>",
            "<a><Password x=\"1\">#</Password><Port>9443</Port></a>",
        ),
        ("<PasswordPolicy>long</PasswordPolicy>", "<PasswordPolicy>long</PasswordPolicy>"),
        ("git@example.com:a/b.git", "git@example.com:a/b.git"),
        ("the old password was s3same.", "the old password was #"),
        ("old password is Opensesame", "old password is #"),
        ("Passwort lautet Sesam", "Passwort lautet #"),
        ("Sesam7 is the admin's password", "# is the admin's password"),
        ("this is the password", "this is the password"),
        ("the password is required", "the password is required"),
        ("the password is not stored here", "the password is not stored here"),
        ("connect scott/s3same@orcl", "connect scott/#@orcl"),
        ("X-Auth: s3same", "X-Auth: #"),
        ("sig=s3same", "sig=#"),
        ("pin code: 1234", "pin code: #"),
        ("password\n= s3same", "password\n= #"),
        ("password\u{a0}=\u{a0}s3same", "password\u{a0}=\u{a0}#"),
        ("password=\"\"\"s3same\"\"\"", "password=\"\"\"#\"\"\""),
        ("ann:s3same@h/x, bob:oth3r@h2", "ann:#@h/x, bob:#@h2"),
        ("[\"ann:s3same@h\"]", "[\"ann:#@h\"]"),
        ("ann@example.com, bob@example.com", "ann@example.com, bob@example.com"),
        ("jdbc:acme:ann/s3/c@ret@db", "jdbc:acme:ann/#@db"),
        ("jdbc:acme:thin:ann/s3cret@//db:1521/x?mail=a@b", "jdbc:acme:thin:ann/#@//db:1521/x?mail=a@b"),
        ("jdbc:h2:file:data/a@b", "jdbc:h2:file:data/a@b"),
        ("jdbc:h2:./repository/database/a@b", "jdbc:h2:./repository/database/a@b"),
        ("ALTER USER ann IDENTIFIED BY s3cret ACCOUNT UNLOCK", "ALTER USER ann IDENTIFIED BY # ACCOUNT UNLOCK"),
        ("ALTER ROLE ann WITH PASSWORD 's3 cret'", "ALTER ROLE ann WITH PASSWORD #"),
        ("UPDATE t SET token=? WHERE id=1", "UPDATE t SET token=? WHERE id=1"),
        ("https://h/x?sr=a&sig=abc%3D&se=1", "https://h/x?sr=a&sig=#&se=1"),
        ("Cookie: JSESSIONID=abc", "Cookie: #"),
        ("cookie: none", "cookie: none"),
    ] {
        assert_eq!(mask_urls(text), masked(expected), "{text}");
    }
}

#[test]
fn masks_headers_keys_and_tokens() {
    for (text, expected) in [
        ("Authorization: Basic YWRtaW4=", "Authorization: #"),
        ("Basic YWRtaW46YQ==", "Basic #"),
        ("bearer abcdefgh", "bearer #"),
        ("X: Bearer abcdefgh, Y: z", "X: Bearer #, Y: z"),
        ("Basic Authentication", "Basic Authentication"),
        ("Token a1b2c3d4", "Token #"),
        ("ApiKey a1b2c3d4", "ApiKey #"),
        ("Digest username=\"u\", response=\"ab\"", "Digest #"),
        ("AWS4-HMAC-SHA256 Credential=A/b, Signature=c", "AWS4-HMAC-SHA256 #"),
        ("SharedAccessSignature sr=a&sig=b", "SharedAccessSignature #"),
        ("basic XYZ authentication", "basic XYZ authentication"),
        ("OAuth 2.0", "OAuth 2.0"),
        ("Token Bucket", "Token Bucket"),
        ("Digest SHA-256", "Digest SHA-256"),
        ("AWS eu-west-1", "AWS eu-west-1"),
        ("AKIAIOSFODNN7EXAMPLE", "#"),
        ("x ghp_abcdef0123456789 y", "x # y"),
        ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY99z", "#"),
        ("; MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJ", "; #"),
        (
            "org.wso2.carbon.apimgt.keymgt.handlers.ResourceConstants2",
            "org.wso2.carbon.apimgt.keymgt.handlers.ResourceConstants2",
        ),
        (
            "services/APIKeyMgtSubscriberService2/withAVeryLongName",
            "services/APIKeyMgtSubscriberService2/withAVeryLongName",
        ),
        ("Bearer", "Bearer"),
        (
            "-----BEGIN PRIVATE KEY-----\nMII\nxyz\n-----END PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----#-----END PRIVATE KEY-----",
        ),
        ("a eyJhbGciOiJI.eyJzdWIiOiI.SflKxw b", "a # b"),
    ] {
        let shown = mask_urls(text);
        // The end mark may go with the key.
        assert!(
            shown == masked(expected) || (text.contains("MII") && !shown.contains("MII") && !shown.contains("xyz")),
            "{text}: {shown}"
        );
    }
}

#[test]
fn leaves_our_own_sentences() {
    for text in [
        "super_admin.password: choose another one",
        "the password: it differs",
        "write `password = …` below [user_store]",
        "basic authentication is off, the token: none",
        "the key apim.x.token = is unknown",
    ] {
        assert_eq!(prose(text), text);
    }
    assert_eq!(prose("`a?password=x&y` is odd"), masked("`a?password=#&y` is odd"));
}

#[test]
fn masks_comments() {
    for (line, expected) in [
        ("#password = \"sesame\"\r\n", "#password = ********\r\n"),
        ("# admin_password=sesame # the old one\n", "# admin_password=********\n"),
        ("# the old password: sesame\n", "# the old password: ********\n"),
        ("#'key.password' = 'sesame'", "#'key.password' = ********"),
        ("#password = \"$ref{super_admin.password}\"", "#password = \"$ref{super_admin.password}\""),
        ("# url = \"amqp://admin:sesame@h:5672\"", "# url = \"amqp://admin:********@h:5672\""),
        ("# see https://example.org", "# see https://example.org"),
        ("# password", "# password"),
        ("# old password was sesame\n", "# old password was ********\n"),
        ("# sesame is the admin's password", "# ******** is the admin's password"),
        ("# ann:sesame", "# ann:********"),
        ("# TODO:later", "# TODO:later"),
        ("# gw.example.com:9443", "# gw.example.com:9443"),
        (" # the password is set", " # the password is set"),
    ] {
        assert_eq!(comment(line), expected);
    }
}

#[test]
fn quotes_damaged_lines_only_up_to_the_name() {
    for (line, expected) in [
        ("password  \"sesame\"", "password  #"),
        ("password = sesame", "password = #"),
        ("  'a.b' = sesame # x", "  'a.b' = #"),
        ("[a \"sesame\"", "[a #"),
        ("[[a.b]]", "[[a.b]]"),
        ("\"sesame\",", "#"),
        ("S3same", "#"),
        ("hostname", "hostname"),
        ("pass word = sesame", "pass #"),
        ("= sesame", "#"),
    ] {
        assert_eq!(damaged(line, false), masked(expected), "{line}");
    }
    assert_eq!(damaged("sesame", true), MASK);
}

#[test]
fn listens_to_neighbours() {
    let secret = |leaves: &[(&str, &str)]| -> Vec<bool> {
        let found = neighbours(leaves.iter().copied());
        (0..leaves.len()).map(|index| found.name(index)).collect()
    };
    assert_eq!(secret(&[("/a/p/@name", "password"), ("/a/p", "x")]), [false, true]);
    assert_eq!(secret(&[("/a/p/@name", "port"), ("/a/p", "x")]), [false, false]);
    assert_eq!(secret(&[("/a/p/@name", "pwd"), ("/a/p/@value", "x"), ("/a/p/@id", "y")]), [false, true, false]);
    assert_eq!(
        secret(&[("/a/p/Name", "password"), ("/a/p/Value", "x"), ("/a/p/Name", "port"), ("/a/p/Value", "1")]),
        [false, true, false, false]
    );
    assert_eq!(
        secret(&[("/a/p/Value", "x"), ("/a/p/Name", "password"), ("/a/p/Value", "1"), ("/a/p/Name", "port")]),
        [true, false, false, false]
    );
    assert_eq!(secret(&[("/w/c/param-name", "dbPassword"), ("/w/c/param-value", "x")]), [false, true]);
    assert_eq!(
        secret(&[("x[0].name", "password"), ("x[0].value", "s"), ("x[1].name", "a"), ("x[1].value", "b")]),
        [false, true, false, false]
    );
}

#[test]
fn leaves_out_what_a_library_quotes() {
    for (message, expected) in [
        (
            "invalid type: string \"ses\\\"ame\", expected a sequence at line 1",
            "invalid type: a string, expected a sequence at line 1",
        ),
        ("invalid type: integer `42`, expected a string", "invalid type: a integer, expected a string"),
        ("unknown field `x`, expected `y`", "unknown field `x`, expected `y`"),
    ] {
        assert_eq!(fault(message), expected);
    }
}

#[test]
fn masks_values_that_are_commented_out_to_their_ends() {
    // In each the word `sesame` is a secret, and the last line is none.
    for text in [
        "# password = \"\"\"\n# sesame\n#sesame\n# \"\"\"",
        "# password = \'\'\'sesame\n# sesame\'\'\'",
        "#a = { x = 1, password = \"\"\"\n# sesame\n# \"\"\" }",
        "# password = [\n#   \"sesame\",\n#   \"sesame\"\n# ]",
        "# secret = {\n#  a = [ \"sesame\" ],\n#  b = \"sesame\" }",
        "# a = { password =\n#    \"sesame\" }",
        "# password =\n# sesame",
        "# password = sesame\\\n# sesame\\\n# sesame",
        "# the password is:\n#   my sesame",
        "# - password: |\n#     sesame\n#     is sesame",
        "# password: >-\n#   sesame",
        "# <!-- <Password>\n# sesame\n# </Password> -->",
        "# <Password>sesame\n#   sesame</Password>",
        "# <Property name=\"password\">\n# sesame\n# </Property>",
        "# <Property name=\"password\"\n#   value=\"sesame\"/>",
        "# name = \"password\"\n# value = \"sesame\"",
        "# -----BEGIN RSA PRIVATE KEY-----\n# sesame\n# -----END RSA PRIVATE KEY-----",
        "# [secrets]\n# db = \"sesame\"\n# \"a.b\" = \"sesame\"",
    ] {
        let mut comments = super::Comments::default();
        let text = format!("{text}\n# port = 1\n");
        let shown: String = text.split_inclusive('\n').map(|line| comments.line(line)).collect();
        assert!(!shown.contains("sesame") && shown.ends_with("# port = 1\n"), "{text}\n{shown}");
        assert_eq!(shown.lines().count(), text.lines().count(), "{shown}");
    }
    // Nothing is open behind these.
    for text in [
        "# password = \"\"\n# open",
        "# password = \"x\" # see below\n# open",
        "# password_policy = [\n#   \"open\"\n# ]",
        "# the password is set:\n# open",
        "# <Password>x</Password>\n# open",
        "# <PasswordPolicy>\n# open\n# </PasswordPolicy>",
        "# name = \"port\"\n# value = \"open\"",
        "# password:\n# the open words of a sentence",
        "# password =\n\n# open",
        "# [apim.x]\n# db = \"open\"",
        "# [secrets]\n# encrypt them: open",
    ] {
        let mut comments = super::Comments::default();
        let shown: String = text.split_inclusive('\n').map(|line| comments.line(line)).collect();
        assert!(shown.contains("open"), "{text}\n{shown}");
    }
}

#[test]
fn masks_parameters_that_grant_what_they_ask_for() {
    for (text, expected) in [
        ("https://f.example.com/api/x?code=Ab3dEf6hIj9kLm2n==&v=1", "https://f.example.com/api/x?code=#&v=1"),
        ("https://f.example.com/api/x?v=1&code=Ab3dEf6hIj9kLm2n", "https://f.example.com/api/x?v=1&code=#"),
        ("https://f.example.com/api/x?code=200", "https://f.example.com/api/x?code=200"),
        ("https://f.example.com/x?code=errors20001", "https://f.example.com/x?code=errors20001"),
        (
            "https://b.example.com/c/x?sv=2024-01-01&sr=b&sig=abc%3D",
            "https://b.example.com/c/x?sv=2024-01-01&sr=b&sig=#",
        ),
        (
            "https://b.example.com/x?X-Amz-Date=2026&X-Amz-Signature=abcd",
            "https://b.example.com/x?X-Amz-Date=2026&X-Amz-Signature=#",
        ),
        ("https://m.example.com/x?key=a1B2c3D4e5&q=Bern", "https://m.example.com/x?key=#&q=Bern"),
        ("https://m.example.com/x?key=value20001&q=Bern", "https://m.example.com/x?key=value20001&q=Bern"),
        (
            "https://m.example.com/x?q=Bern&amp;key=a1B2c3D4e5&amp;z=1",
            "https://m.example.com/x?q=Bern&amp;key=#&amp;z=1",
        ),
        ("https://m.example.com/x%3Fkey%3Da1B2c3D4e5%26q%3DBern", "https://m.example.com/x%3Fkey%3D#%26q%3DBern"),
        ("https://m.example.com/x?access_key=abc&q=1", "https://m.example.com/x?access_key=#&q=1"),
        ("https://m.example.com/x?token=abc&q=1", "https://m.example.com/x?token=#&q=1"),
        ("https://m.example.com/x?alg=RS256&key=RS256", "https://m.example.com/x?alg=RS256&key=RS256"),
        ("key=a1B2c3D4e5", "key=a1B2c3D4e5"),
        ("hmac=HmacSHA256", "hmac=HmacSHA256"),
        ("a=b&jwt=s3same&cookie_name=sid1", "a=b&jwt=#&cookie_name=sid1"),
        ("{\"cookie\": \"s3same\", \"jwt\": \"HS256\"}", "{\"cookie\": \"#\", \"jwt\": \"HS256\"}"),
        ("auth-header: s3same", "auth-header: #"),
        ("auth-header: the name of the header", "auth-header: the name of the header"),
        ("enable_jwt=true&jwt_header=X-JWT-Assertion", "enable_jwt=true&jwt_header=X-JWT-Assertion"),
    ] {
        assert_eq!(mask_urls(text), masked(expected), "{text}");
        assert_eq!(mask_urls(&masked(expected)), masked(expected), "masked again");
    }
}

#[test]
fn shows_hosts_with_their_ports() {
    for text in [
        "vault.example.com:443",
        "password.example.com:8443",
        "token:9443,secret:8443",
        "secret:8443; pin:443",
        "host.example.com:443,token:443\n",
    ] {
        assert_eq!(mask_urls(text), text);
    }
    for (text, expected) in [
        ("password:sesame", "password:#"),
        ("user:ann,password:s3same", "user:ann,password:#"),
        (
            "<profile><servers>token:443</servers><Password>x</Password></profile>",
            "<profile><servers>token:443</servers><Password>#</Password></profile>",
        ),
    ] {
        assert_eq!(mask_urls(text), masked(expected));
    }
    assert_eq!(
        comment("# <servers>a.example.com:443</servers><Password>x</Password>"),
        format!("# <servers>a.example.com:443</servers><Password>{MASK}")
    );
    assert_eq!(comment("# <p value=\"sesame\" name=\"password\"/>"), format!("# <p value={MASK}"));
    assert!(
        !super::is_secret_name("/A/parameter[@name='SSLPasswordServers']")
            && !super::is_secret_name("keystore.secret.servers")
    );
}

#[test]
fn masks_items_of_lists_and_hashes() {
    for (text, expected) in [
        (
            "[\"--token\", \"s3same7\", \"-storepass\", \"sesame\", \"--port\", \"9443\"]",
            "[\"--token\", \"#\", \"-storepass\", \"#\", \"--port\", \"9443\"]",
        ),
        ("[\"--password\", \"--verbose\"]", "[\"--password\", \"--verbose\"]"),
        ("ann:$apr1$Zk3x$abcdefghij", "ann:#"),
        ("{SSHA}Zk3xabcdefghij==", "#"),
        ("${a}$1$", "${a}$1$"),
    ] {
        assert_eq!(mask_urls(text), masked(expected), "{text}");
    }
    assert!(super::by_name("Authorization", "s3same7") && !super::by_name("Authorization", "enabled-always"));
    let found = neighbours([("x[0].k", "client_secret"), ("x[0].v", "sesame")].into_iter());
    assert!(found.name(1));
}

#[test]
fn tells_what_is_mixed_into_hashes() {
    let secret = super::by_name;
    for (name, value) in [
        ("salt", "x7"),
        ("password_salt", "sesame"),
        ("/A/Hmac", "sesame"),
        ("a.pepper", "sesame"),
        ("Otp", "123456"),
        ("PaypalAPISignature", "A1b2C3d4E5f6G7h8"),
        ("totp.seed", "JBSWY3DPEHPK3PXP"),
    ] {
        assert!(secret(name, value), "{name}");
    }
    for (name, value) in [
        ("hmac", "HmacSHA256"),
        ("a.hmac.algorithm", "sesame"),
        ("salt_length", "16"),
        ("saltedHash", "SHA-256"),
        ("use_salt", "true"),
        ("salt", "true"),
        ("mail.smtp.signature", "The API team"),
        ("error.code", "900901"),
        ("code", "com.example.Codes1234567"),
        ("asphalt", "sesame"),
    ] {
        assert!(!secret(name, value), "{name}");
    }
}

#[test]
fn masks_long_texts_whole_and_soon() {
    for piece in ["{\"password\":\"", "password='", "token=' ", "Basic ", "a:b@", "user=ann;password=s3same;", "a%3d "]
    {
        let text = piece.repeat(200_000 / piece.len());
        let shown = mask_urls(&text);
        assert!(shown == MASK || shown == text, "{piece}: {} bytes", shown.len());
    }
    let words = "nothing to hide here, ".repeat(2_000);
    assert_eq!(mask_urls(&words), words);
    for at in [0, 4_090, 16_300, words.len()] {
        let (head, tail) = words.split_at(at);
        assert_eq!(mask_urls(&format!("{head} https://ann:s3same@h.example.com/ {tail}")), MASK, "{at}");
    }
}

#[test]
fn looks_soon_for_secrets_that_repeat_themselves() {
    let secret = "{\"password\":\"".repeat(1_200);
    let known = super::Known::of([(secret.as_str(), true), ("s3same", true)].into_iter());
    assert_eq!(known.cover(&format!("{secret} and s3same")), format!("{MASK} and {MASK}"));
}

#[test]
fn finds_texts_of_several_lines() {
    for (text, expected) in [
        ("a = \"\"\"\nx\n\"\"\"\nb = 1\n", Some(4..13)),
        ("a = '''\nx \"\"\"\n'''\n", Some(4..17)),
        ("a = \"x\" # \"\"\"\nb = 'it\nc = \"\"\"\nopen", Some(26..34)),
        ("a = \"\\\"\"\nb = 1\n", None),
    ] {
        assert_eq!(super::texts_of_lines(text), Vec::from_iter(expected), "{text}");
    }
}

#[test]
fn knows_short_words_for_passwords() {
    for name in ["rootpw", "bindpw", "X-BINDPW", "db.pw", "adminPass", "userpswd"] {
        assert!(super::is_secret_name(name), "{name}");
    }
    for name in ["bypass", "compass.enabled", "overpass"] {
        assert!(!super::is_secret_name(name), "{name}");
    }
    let ldap = "ldaps://ldap.example.com:636/dc=x????bindname=cn%3dadmin,X-BINDPW=sesame";
    assert_eq!(mask_urls(ldap), masked("ldaps://ldap.example.com:636/dc=x????bindname=cn%3dadmin,X-BINDPW=#"));
}

#[test]
fn tells_statements_amounts_and_times_from_secrets() {
    for text in [
        "update users set x = 1 where token = :token",
        "PASSWORD=? AND X=1",
        "select a from b where PASSWORD = ?, 1",
        "Basic information",
        "10:30@UTC",
    ] {
        assert_eq!(mask_urls(text), text);
    }
    assert!(!mask_urls("update u set password = 'x7' where a=?").contains("x7"));
    assert_eq!(mask_urls("password=?x7"), masked("password=#"));
    assert_eq!(mask_urls("ann:3x0@db.example.com"), masked("ann:#@db.example.com"));
    for name in ["UpdateUserPasswordSQL", "update_password_sql", "max_tokens", "/A/Property[@name='SelectPasswordSQL']"]
    {
        assert!(!super::by_name(name, "4096"), "{name}");
    }
    assert!(
        !super::by_name("org.owasp.csrfguard.SessionKey", "OWASP_CSRFTOKEN")
            && !super::by_name("cloudService.key", "AM")
    );
    assert!(super::by_name("session_key", "s3same-9"));
}

#[test]
fn knows_what_is_borne_by_other_names() {
    for (name, value) in [
        ("credentials.joe", "sesame"),
        ("apim.credentials[0].joe", "sesame"),
        ("auth.joe", "sesame"),
        ("tokens.joe", "sesame"),
        ("keys.joe", "sesame"),
        ("privKey", "sesame"),
        ("priv_key", "sesame"),
        ("creds", "sesame"),
        ("/A/UserCred", "u/sesame"),
        ("licence_key", "sesame"),
        ("basic_auth", "sesame"),
        ("proxy.auth", "sesame"),
    ] {
        assert!(super::by_name(name, value), "{name}");
    }
    for (name, value) in [
        ("auth.enabled", "true"),
        ("auth.type", "ldap"),
        ("auth.user", "joe"),
        ("/APIManager/Keys/Order", "first"),
        ("proxy_auth", "digest"),
        ("sacred", "x"),
        ("keys.url", "x"),
    ] {
        assert!(!super::by_name(name, value), "{name}");
    }
    for (text, expected) in [
        (
            "amqp://admin:s3same clientid/carbon?brokerlist='tcp://a:5672'",
            "amqp://admin:# clientid/carbon?brokerlist='tcp://a:5672'",
        ),
        ("ann:s3@me:x@jdbc:mysql://db.example.com:3306/a", "ann:#@jdbc:mysql://db.example.com:3306/a"),
        ("amqp://tm.example.com:5672", "amqp://tm.example.com:5672"),
        ("https://logs-01.loggly.com/inputs/5f3c-77/tag/http/", "https://logs-01.loggly.com/inputs/#"),
        ("x MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwgg", "x #"),
        ("MIIDXTCCAkWgAwIBAgIJAJC1HiIAZAiI", "MIIDXTCCAkWgAwIBAgIJAJC1HiIAZAiI"),
    ] {
        assert_eq!(mask_urls(text), masked(expected), "{text}");
    }
}
