//! The forms in which a secret stands in a value, and the values that nobody may hide.

/// Forms that tell by themselves that they hold a secret; `#` stands for a piece of it.
pub const TELLING: [&str; 30] = [
    "https://user:#?#@host.example.com:9443/services/",
    "https://user:#:#@host.example.com",
    "https://user:#/#@host.example.com:9443/x?mail=me@example.com",
    "amqp://admin:#;#,#'#\"# #/#:#@#%40#@clientid/carbon?brokerlist='tcp://tm.example.com:5672'",
    "amqp://admin:#@clientid/carbon?brokerlist=’tcp://tm.example.com:5672’",
    "amqp://admin@example.com:#!#@clientid/carbon?failover='roundrobin'%26cyclecount='2'",
    "tcp://tm.example.com:9611,tcp://u:#,#@tm2.example.com:9611",
    "jdbc:oracle:thin:scott/#@//db.example.com:1521/x",
    "jdbc:oracle:thin:scott/#@#/#@db.example.com:1521:orcl",
    "jdbc:oracle:oci:scott/#@(DESCRIPTION=(ADDRESS=(HOST=db.example.com)(PORT=1521)))",
    "jdbc:mysql://db.example.com:3306/am?user=u&password=#%40# #;#,#'#&useSSL=false",
    "jdbc:mysql://root:#@db.example.com:3306/am",
    "jdbc:postgresql://db.example.com:5432/am?user=u&password=#",
    "jdbc:sqlserver://db.example.com:1433;databaseName=am;user=u;password={#;#}}#};encrypt=true",
    "jdbc:sqlserver://db.example.com:1433;databaseName=am;user=u@srv;PASSWORD=#&#,# #;encrypt=true",
    "mongodb://u:#@h1.example.com:27017,h2.example.com:27017/db?authSource=admin",
    "ldap://cn=admin:#@ldap.example.com:389",
    "smtp://me@example.com:# #@mail.example.com:25",
    "redis://:#@cache.example.com:6379/0",
    "tcp://h.example.com:9611?trust_store='/a.jks'&trust_store_password='#'%26x='y'",
    "x=y%26password%3D#%26z=w",
    "Authorization: Basic #",
    "Authorization: Custom # #",
    "Bearer #",
    "X-API-Key: #",
    "{\"user\": \"u\", \"apiKey\": \"#,#\", \"port\": 1}",
    "Endpoint=sb://n.example.com/;SharedAccessKeyName=k;SharedAccessKey=#=;EntityPath=e",
    "user=u pwd=# x=y",
    "-----BEGIN RSA PRIVATE KEY-----# #-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJub25lIn0.#abc.#def",
];

/// Forms of a secret where its place tells what it is.
pub const BARE: [&str; 12] = [
    "#", "#:#@#", "#é’#ﬀ", "#\"#", "#'#", "# #", "#;#,#?#", "#=#&#", "#%40#", "<#", "{#}", "# # = #",
];

/// Names of secrets, in the spellings of many hands.
pub const NAMES: [&str; 32] = [
    "password", "Password", "dbPassword", "db_password", "db-password", "db.password", "DB_PASSWORD", "passwd", "pwd",
    "TrustStorePwd", "smtp.pass", "passphrase", "secret", "client_secret", "clientSecret", "ConsumerSecret", "token",
    "ApiToken", "InitialAccessToken", "auth_token", "apiKey", "APIKey", "api_key", "x-api-key", "credentials",
    "userCredential", "privateKey", "private_key", "encryptionKey", "secretAccessKey", "licenseKey",
    "javax.net.ssl.keyStorePassword",
];

/// Values that a reviewer must see; `#` stands for a number that is their own.
pub const HARMLESS: [&str; 16] = [
    "h#.example.com",
    "https://h#.example.com:9443/services/",
    "com.acme.V#",
    "SELECT # FROM DUAL",
    "#",
    "jdbc:mysql://h#.example.com:3306/db#?useSSL=false",
    "jdbc:oracle:thin:@//h#.example.com:1521/x",
    "jdbc:sqlserver://h#.example.com:1433;databaseName=db#;user=u@srv",
    "repository/resources/security/k#.jks",
    "$secret{alias#}",
    "true",
    "tcp://h#.example.com:9611,tcp://i#.example.com:9611",
    "{tcp://h#.example.com:9611|tcp://i#.example.com:9611}",
    "user#@example.com",
    "key#=value#&other=x",
    "TLSv1.2, suite #",
];

/// Names of what is no secret.
pub const PLAIN_NAMES: [&str; 16] = [
    "url", "port", "hostname", "enabled", "timeout", "passwordPolicy.regex", "tokenEndpoint", "TokenURL",
    "PasswordHashMethod", "keyAlias", "secretAlias", "validationQuery", "maxActive", "driverClassName",
    "EnableTokenCache", "tokenValidityPeriod",
];
