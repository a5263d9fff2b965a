use super::{MASK, comment, damaged, mask_urls, neighbours, prose};

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
        ("//ann:s3cret@h.example.com/x", "//ann:#@h.example.com/x"),
        ("ann/s3cret@//db.example.com:1521/x", "ann/#@//db.example.com:1521/x"),
        ("scope/package@1.2", "scope/package@1.2"),
        (
            "<a><Password x=\"1\">s3cret</Password><Port>9443</Port></a>",
            "<a><Password x=\"1\">#</Password><Port>9443</Port></a>",
        ),
        ("<PasswordPolicy>long</PasswordPolicy>", "<PasswordPolicy>long</PasswordPolicy>"),
        ("git@example.com:a/b.git", "git@example.com:a/b.git"),
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
