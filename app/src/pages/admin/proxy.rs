//! The configuration of the reverse proxy in front of a service.

use crate::{
    components::{code_block::CodeBlock, icon::Icon},
    messages::{m, with_elements},
    response,
    snippet::{self, Proxy, SnippetContext, TOKEN},
};
use latchkey_domain::access::service::ServiceView;
use latchkey_engine::{Error, Result};
use leptos::prelude::*;

/// Ready-to-paste configuration. The proxies are disclosures, not tabs in the address: a token shown once on the
/// same page must not disappear while the user compares proxies.
///
/// # Errors
/// Internal only.
pub fn section(service: &ServiceView) -> Result<AnyView> {
    let request = response::request_context();
    let url = request.engine().public_url();
    let context = SnippetContext {
        service: &service.name,
        hosts: &service.hosts,
        is_https: url.scheme() == "https",
        internal_config: &request.facts().internal_config,
    };
    let proxies = Proxy::ALL
        .into_iter()
        .map(|proxy| proxy_section(proxy, &context))
        .collect::<Result<Vec<_>>>()?;
    let name = service.name.to_string();
    let own_host = url.host_str().unwrap_or_default().to_owned();
    let address = request.facts().internal_config.address.clone();
    let lead = with_elements(
        |[token]| m::proxy_lead(name, token),
        [view! { <code>{TOKEN}</code> }.into_any()],
    );
    let note = with_elements(
        |[address_setting, domain_setting]| {
            m::proxy_note(address, address_setting, domain_setting, own_host)
        },
        ["LATCHKEY_INTERNAL_ADDR", "LATCHKEY_COOKIE_DOMAIN"]
            .map(|setting| view! { <code>{setting}</code> }.into_any()),
    );
    Ok(view! {
        <section class="section section-wide" aria-labelledby="proxy">
            <div class="section-head">
                <h2 id="proxy">{m::PROXY}</h2>
                <p>{lead}</p>
            </div>
            <div class="section-body">
                {proxies}
                <p class="small quiet">{note}</p>
            </div>
        </section>
    }
    .into_any())
}

fn proxy_section(proxy: Proxy, context: &SnippetContext<'_>) -> Result<AnyView> {
    let blocks = snippet::files(proxy, context)
        .map_err(Error::internal)?
        .into_iter()
        .enumerate()
        .map(|(place, file)| {
            let id = format!("{}-{place}", proxy.slug());
            view! { <CodeBlock id=id label=file.path text=file.text/> }
        })
        .collect_view();
    Ok(view! {
        <details class="disclosure" name="proxy" open=proxy == Proxy::Nginx>
            <summary><Icon name="chevron-right" class="icon-small icon-turn"/>{proxy.name()}</summary>
            <div class="disclosure-body">{blocks}</div>
        </details>
    }
    .into_any())
}
