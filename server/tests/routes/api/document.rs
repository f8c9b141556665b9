//! The OpenAPI document, and the page made from it.

use crate::harness::TestApp;

#[tokio::test]
async fn the_document_and_its_page_are_for_everybody() {
    let test = TestApp::open().await;
    let mut browser = test.anon();
    let document = browser.get("/api/v1/openapi.json").await;
    assert_eq!(document.status, 200);
    let document = document.json();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/users"]["get"].is_object());
    let page = browser.get("/api").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("/api/v1/users/{id}/role"));
}
