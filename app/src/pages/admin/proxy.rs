//! The configuration of the reverse proxy in front of a service.

use crate::{
    components::{icon::Icon, secret::CodeBlock},
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
    Ok(view! {
        <section class="section section-wide" aria-labelledby="proxy">
            <div class="section-head">
                <h2 id="proxy">"Proxy configuration"</h2>
                <p>"Ready to paste. Replace "<code>{TOKEN}</code>" with the token, and set the address at which "{name}" listens."</p>
            </div>
            <div class="section-body">
                {proxies}
                <p class="small quiet">
                    "Proxies reach Latchkey at "{address}" ("<code>"LATCHKEY_INTERNAL_ADDR"</code>"). Browsers send the device cookie to hosts other than "
                    {own_host}" only if "<code>"LATCHKEY_COOKIE_DOMAIN"</code>" is set to a parent domain of all of them."
                </p>
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
