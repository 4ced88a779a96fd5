//! Contacts of the company and of each extension.

use crate::support::{Answer, Office};
use serde_json::{Value, json};

fn alice() -> Value {
    json!({ "name": " Alice ", "phone": "028 8533-7107", "email": "alice@example.org", "company": "Ltd" })
}

fn names(list: &Answer) -> Vec<&Value> {
    list.all("name")
}

/// CON-02 CON-07 CON-08 GEN-15
#[tokio::test]
async fn an_extension_sees_its_own_contacts_and_the_companys() {
    let office = Office::open().await;
    let (owner, other) = (office.login("100").await, office.login("101").await);
    let (operator, admin) = (office.login("operator").await, office.login("admin").await);
    let added = owner.post("contacts", alice()).await;
    assert_eq!(added.status, 201);
    let id = &added.json["id"];
    assert_eq!(
        (&added.json["phone"], &added.json["name"]),
        (&json!("02885337107"), &json!("Alice"))
    );
    assert_eq!(
        (&added.json["scope"], &added.json["owner"]),
        (&json!("private"), &json!("100"))
    );
    assert_eq!(names(&owner.get("contacts").await), ["Alice", "王小红"]);
    assert_eq!(names(&other.get("contacts").await), ["王小红"]);
    for person in [&operator, &admin] {
        let list = person.get("admin/contacts").await;
        assert_eq!(
            (names(&list), &list.json["items"][0]["owner"]),
            (vec![&json!("Alice"), &json!("王小红")], &json!("100"))
        );
    }
    let path = format!("contacts/{id}");
    assert_eq!(other.put(&path, alice()).await.status, 404);
    assert_eq!(other.delete(&path).await.status, 404);
    let company = json!({ "name": "Bob", "phone": "9" });
    assert_eq!(
        operator.post("admin/contacts", company).await.json["scope"],
        "company"
    );
    assert_eq!(
        names(&other.get("contacts").await),
        ["Bob", "王小红"],
        "CON-07"
    );
}

/// CON-04 CON-05
#[tokio::test]
async fn contacts_are_edited_and_removed_under_the_same_id() {
    let office = Office::open().await;
    let (owner, admin) = (office.login("100").await, office.login("admin").await);
    let added = owner.post("contacts", alice()).await.json;
    let path = format!("contacts/{}", added["id"]);
    let mut edited = added.clone();
    edited["name"] = json!("Alice B.");
    let put = owner.put(&path, edited.clone()).await;
    assert_eq!(
        (put.status, &put.json),
        (200, &edited),
        "what GET gave is what PUT takes"
    );
    assert_eq!(names(&owner.get("contacts").await)[0], "Alice B.");
    for (field, value) in [
        ("id", json!(5)),
        ("scope", json!("company")),
        ("owner", json!("101")),
    ] {
        let mut forged = edited.clone();
        forged[field] = value;
        assert_eq!(
            owner.put(&path, forged).await.errors(),
            [(field, "read-only")]
        );
    }
    let refused = owner.put("contacts/1", alice()).await;
    assert_eq!(
        (refused.status, refused.code()),
        (403, "forbidden"),
        "the company's"
    );
    assert_eq!(owner.delete("contacts/1").await.status, 403);
    let company = json!({ "name": "王大红", "phone": "02885337106" });
    let put = admin.put("admin/contacts/1", company).await;
    assert_eq!(
        (&put.json["id"], &put.json["name"]),
        (&json!(1), &json!("王大红"))
    );
    assert_eq!(names(&owner.get("contacts").await)[1], "王大红");
    assert_eq!(admin.delete("admin/contacts/1").await.status, 204);
    assert_eq!(admin.delete("admin/contacts/1").await.status, 404, "CON-05");
    assert_eq!(owner.delete(&path).await.status, 204);
    assert_eq!(owner.delete(&path).await.status, 404);
    assert_eq!(
        owner.get("contacts").await.json,
        json!({ "items": [], "total": 0 })
    );
}

/// CON-02
#[tokio::test]
async fn wrong_contacts_are_told_by_field() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    let long = "名".repeat(129);
    for (contact, errors) in [
        (
            json!({ "name": "", "phone": "" }),
            vec![("phone", "empty"), ("name", "empty")],
        ),
        (
            json!({ "name": "A", "phone": "call me" }),
            vec![("phone", "not-a-number")],
        ),
        (
            json!({ "name": "A", "phone": "1", "email": "x" }),
            vec![("email", "not-an-email")],
        ),
        (
            json!({ "name": long, "phone": "1" }),
            vec![("name", "too-long")],
        ),
        (
            json!({ "name": "A\u{0}", "phone": "1" }),
            vec![("name", "control-character")],
        ),
        (
            json!({ "name": "A", "phone": "1", "tel": "2" }),
            vec![("tel", "unknown-field")],
        ),
        (json!({ "name": "A" }), vec![("phone", "missing-field")]),
        (
            json!({ "name": "A", "phone": "1", "scope": "company" }),
            vec![("scope", "read-only")],
        ),
        (
            json!({ "name": "A", "phone": "1", "owner": "101" }),
            vec![("owner", "read-only")],
        ),
    ] {
        assert_eq!(
            owner.post("contacts", contact.clone()).await.errors(),
            errors,
            "{contact}"
        );
    }
    let odd = json!({ "name": "😀 <script>alert(1)</script>", "phone": "+86 28 8533 7106" });
    let added = owner.post("contacts", odd.clone()).await;
    assert_eq!((added.status, &added.json["name"]), (201, &odd["name"]));
}

/// CON-06
#[tokio::test]
async fn contacts_are_found_by_part_of_name_number_or_company() {
    let office = Office::open().await;
    let owner = office.login("100").await;
    owner.post("contacts", alice()).await;
    for (query, found) in [
        ("", vec!["Alice", "王小红"]),
        ("%20alice%20", vec!["Alice"]),
        ("LIC", vec!["Alice"]),
        ("%E5%B0%8F", vec!["王小红"]),
        ("acme", vec!["王小红"]),
        ("8533-7107", vec!["Alice"]),
        ("028", vec!["Alice", "王小红"]),
        ("nobody", vec![]),
        ("%25", vec![]),
        ("_", vec![]),
        ("'%20OR%201=1%20--", vec![]),
    ] {
        let list = owner.get(&format!("contacts?q={query}")).await;
        assert_eq!(names(&list), found, "{query}");
    }
    assert_eq!(
        owner.get("contacts?per_page=1&page=2").await.all("name"),
        ["王小红"]
    );
}

/// CON-08: what was somebody's goes with him.
#[tokio::test]
async fn private_contacts_go_with_their_extension() {
    let office = Office::open().await;
    office.login("100").await.post("contacts", alice()).await;
    office
        .set_up(|site| {
            let mut directory = (*site.directory).clone();
            directory.extensions.remove(&crate::support::number("100"));
            site.directory = std::sync::Arc::new(directory);
        })
        .await;
    let admin = office.login("admin").await;
    assert_eq!(names(&admin.get("admin/contacts").await), ["王小红"]);
}
