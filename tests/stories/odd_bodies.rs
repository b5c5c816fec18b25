use ringdesk_tests::host::{ACCOUNT, Host};
use std::collections::BTreeMap;

/// A hundred bodies that break careless programs.
fn bodies() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        " ",
        "\n",
        "\r\n\r\n",
        "\t tab \t",
        "\0",
        "before\0after",
        "\u{1}\u{2}\u{7f}",
        "\u{feff}BOM",
        "\u{200b}",
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;b&gt; &amp;amp;",
        "</Response><Say>hi</Say>",
        "'; DROP TABLE texts; --",
        "\" OR 1=1 --",
        "%00%0a%zz",
        "a+b%20c&d=e",
        "=cmd|'/c calc'!A1",
        "{\"type\":\"text\"}",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "C:\\temp\\new",
        "\\u0000 \\n",
        "NULL",
        "null",
        "undefined",
        "NaN",
        "-1",
        "1e309",
        "مرحبا بالعالم",
        "שלום",
        "\u{202e}gnitirw sdrawkcab",
        "\u{2066}isolate\u{2069}",
        "नमस्ते",
        "你好，世界",
        "こんにちは",
        "한국어",
        "Ελληνικά",
        "ภาษาไทย",
        "👋🏽",
        "👨‍👩‍👧‍👦",
        "🇺🇸🇫🇷",
        "e\u{301}",
        "\u{e9}",
        "ﬁ ligature",
        "Z̴̢͓a̷̛l̸g̵o",
        "𝕳𝖊𝖑𝖑𝖔",
        "\u{10ffff}",
        "\u{fffd}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{e000}",
        "\u{f8ff}",
        "\u{1f600}\u{fe0f}",
        "\u{2028}line\u{2029}",
        "  leading and trailing  ",
        "a\u{a0}b",
        "STOP it, you two",
        "STOP.",
        "+14155550142",
        "http://example.test/?a=1&b=2#c",
    ]
    .map(String::from)
    .to_vec();
    // A sample of every plane, whole characters only.
    for plane in 0..=16_u32 {
        let text: String =
            (0..60).filter_map(|n| char::from_u32(plane * 0x1_0000 + 0x20 + n * 0x431 % 0xff00)).collect();
        all.push(text);
    }
    all.push("a".repeat(1_600));
    all.push("ы".repeat(1_600));
    all.push("👋".repeat(1_600));
    all.push("\u{1}".repeat(1_600));
    while all.len() < 100 {
        let n = all.len();
        all.push(
            (0..=255_u32)
                .filter_map(|b| char::from_u32((b * 37 + u32::try_from(n).unwrap_or(0)) % 0x250))
                .collect(),
        );
    }
    all
}

#[tokio::test]
async fn a_hundred_odd_bodies_come_out_of_export_as_they_went_in() {
    let mut host = Host::start("http://127.0.0.1:9").await.expect("a host");
    let mut sent = BTreeMap::new();
    for (n, body) in bodies().into_iter().enumerate() {
        let sid = format!("SM{n:032x}");
        let claims = ["0", "99", "-1", "many", ""][n % 5];
        let fields = [
            ("MessageSid", sid.as_str()),
            ("AccountSid", ACCOUNT),
            ("From", "+14155550801"),
            ("To", "+15005550006"),
            ("Body", body.as_str()),
            ("NumMedia", claims),
        ];
        assert_eq!(host.post("/sms/inbound", &fields).await.expect("posted"), Some(200), "body {n}");
        sent.insert(sid, body);
    }
    assert_eq!(sent.len(), 100);
    host.stop().await.expect("stopped");
    let kept: BTreeMap<String, String> = host
        .export()
        .await
        .expect("export")
        .into_iter()
        .filter(|object| object["type"] == "text")
        .map(|text| {
            let field = |name: &str| text[name].as_str().unwrap_or_default().to_owned();
            (field("provider_sid"), field("body"))
        })
        .collect();
    assert_eq!(kept, sent);
}
