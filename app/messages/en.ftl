# The texts of the pages in English, by key, in the syntax of Project Fluent (https://projectfluent.org).
# `Latchkey` is a name and is not translated.

## Layout

nav-home = Home
nav-devices = Devices
nav-security = Security
nav-activity = Activity
nav-overview = Overview
nav-users = Users
nav-all-devices = All devices
nav-services = Services
nav-audit = Audit log
nav-my-account = My account
nav-administration = Administration
nav-menu = Menu
nav-close = Close
nav-main = Main
sign-out = Sign out
skip-to-content = Skip to content
demo = Demo
theme = Theme
theme-light = Light theme
theme-light-short = Light
theme-system = System theme
theme-system-short = System
theme-dark = Dark theme
theme-dark-short = Dark
progress = Progress
step-done = Done:{" "}
step-scan = Scan
step-passkey = Passkey
step-account = Account
my-services = My services
pages = Pages

## Sign-in

login-done-title = Signed in
login-done = You are signed in
continue = Continue
sign-in = Sign in
login-no-script = Passkeys need JavaScript. You can register this device with a code instead.
login-with-code = Register this device with a code
login-register = Register this device
login-confirm-page = This page requires a passkey used within the last 10 minutes.
login-confirm-code = Your last sign-in was a while ago. Sign in again with a code from your authenticator app.
login-confirm-service = This service requires you to use your passkey again.
login-form-kept = {" "}The form you sent has not been applied yet. Your entries were kept.
login-confirm-no-script = Passkeys need JavaScript. Turn it on for this site to continue.
confirm = Confirm
login-confirm-title = Confirm it’s you
not-now = Not now
email = E-mail
code-from-app = Code from your authenticator app
device-name = Name for this device
optional = (optional)
code-hint = Six digits. The code changes every 30 seconds.
name = Name
sign-in-again = Sign in again
code-only = Code only
login-continue-done = Continue to { $target }.
login-continue = Sign in to continue to { $target }.
login-continue-page = the page
login-then-continue = { " " }You then continue to { $target }.
login-confirm = Confirm it’s you, { $name }
login-not-me = I’m not { $name }
use-passkey = Use a passkey

## Passkeys

create-passkey = Create a passkey
passkey-add = Add a passkey
passkey-unreachable = Latchkey cannot be reached. Check your connection, then try again.
passkey-unreadable = The response could not be read. Reload the page and try again.
passkey-cancelled = The passkey request was cancelled or timed out. Try again.
passkey-already-registered = This device already has a passkey for your account.
passkey-busy = The passkey could not be used. Close any other passkey request, then try again.
passkey-wrong-origin = Passkeys do not work at this address. Open Latchkey at its own address, over HTTPS.
passkey-cannot-create = This device cannot create the required kind of passkey. Try another device or a security key.
passkey-cannot-use = This device cannot use the required kind of passkey. Try another device or a security key.
passkey-unsupported = This browser does not support passkeys here. Use a code from your authenticator app instead.
passkey-other = The passkey did not work ({ $name }). Try again, or use a code instead.
early-no-webassembly = Passkeys cannot be used: WebAssembly is disabled in this browser, for example by Lockdown Mode.
early-not-loaded = Passkey support could not be loaded. Reload the page to try again.
early-slow = Passkey support has not loaded within ten seconds. Wait, or reload the page.
early-use-code = Use a code from your authenticator app, below.
early-or-use-code = Or use a code from your authenticator app, below.
early-other-browser = Use another browser.

## Sign-in cookie

cookie-blocked-title = Your browser did not store the cookie
cookie-missing-title = The service cannot see that you are signed in
cookie-for-administrator = For the administrator:{" "}
cookie-blocked = You signed in, but your browser did not store the sign-in cookie. Allow cookies for this site or leave private browsing, then sign in again. The cookie is stored only if you open Latchkey at { $url }.
cookie-not-covered = You are signed in here, but your browser does not send the sign-in cookie to { $host }. Signing in again does not help.
cookie-refused = You are signed in here, but { $host } does not receive the sign-in cookie. Your browser does not store cookies for { $domain }. Allow them if you have blocked them.
cookie-replaced = You are signed in here, but { $host } does not receive the sign-in cookie. Another site under { $domain } has overwritten it.
cookie-not-handed-on = You are signed in here, but { $host } does not receive the sign-in cookie. Your browser has stored it, but it is lost on the way to { $host }.

## Enrolment and setup

enrol-title = Set up your authenticator app
enrol-lead = Scan the QR code with an authenticator app, then enter the code it shows to register this device.
enrol-qr-code = QR code for your authenticator app
enrol-open-app = Open in authenticator app
enrol-code = Code from the app
enrol-cannot-scan = Can’t scan it?
enrol-enter-key = Enter this key in the app (time-based, 6 digits).
enrol-passkey-admin = Administration requires a passkey. It uses your fingerprint, your face or the PIN of this device, and cannot be phished.
enrol-passkey-user = You then sign in with your fingerprint, your face or the PIN of this device. A passkey cannot be phished.
enrol-passkey-heading = Create a passkey for this device
enrol-no-script = Passkeys need JavaScript. You can create one later, under Security.
enrol-privacy = Your fingerprint or face never leaves this device. Latchkey stores only a public key.
setup-mistake = Made a mistake?{" "}
setup-change = Change e-mail or name
setup-title = Set up
setup-heading = Set up the first administrator
setup-lead = This link creates one administrator account and then stops working.
setup-email-hint = You use it to sign in. Latchkey does not send e-mail.
enrol-welcome = Welcome, { $name }
enrol-registered = This device is registered. You are signed in as { $email }.
enrol-copy-key = Copy the key

## Errors

not-found = Page not found
not-found-lead = The address may be wrong, or the link has already been used. Enrolment links work only once.
link-invalid-title = Link not valid
link-invalid = This link is no longer valid
link-invalid-lead = Links work only once and expire. Ask an administrator for a new one.
try-again = Try again

## Lists

nothing-matches = Nothing matches
nothing-matches-lead = Try part of the name, or clear the filter.
show-all = Show all
search = Search
find = Find
previous = Previous
next = Next
actions = Actions
all = All
nothing-matches-search = Nothing matches “{ $search }”
pager-position = { $first }–{ $last } of { $total }
pager-beyond = No results on this page; { $total } in total

## Users

invited = Invited
disabled = Disabled
users-filter = Status or role
users-all = All users
administrators = Administrators
role = Role
status = Status
strongest-factor = Strongest factor
last-seen = Last seen
member = Member
member-hint = Can use the services granted to them.
administrator = Administrator
administrator-hint = Can use every service that admits administrators, and manages Latchkey.
never = Never
users-add = Add a user
users-add-lead = Creates an enrolment link to give to the user. It works once and expires after 24 hours.
users-add-name-hint = If left empty, it is taken from the e-mail address.
users-add-submit = Add user and create link
users-none = No other users yet
users-none-lead = Add the users who need access. Each gets an enrolment link that works once. Or use the command line:
user = User
users-count = { $count ->
    [one] { $count } user.
   *[other] { $count } users.
}
users-found = { $count ->
    [one] { $count } user found.
   *[other] { $count } users found.
}
user-factors-all = Passkeys and codes
user-factors-all-hint = If the user has a passkey, a device registered with a code is limited until it is approved.
user-factors-passkeys = Passkeys only
user-factors-passkeys-hint = Codes cannot register devices. The first device is registered with an enrolment link.

## Devices

revoked = Revoked
signed-out = Signed out
not-approved = Not approved
passkey = Passkey
this-device = This device
device = Device
assurance = Assurance
last-used = Last used
registered = Registered
devices-none = No devices yet
devices-none-lead = Users register their own devices with an enrolment link, a passkey or a code.
in-use-now = In use now
devices-active = { $count ->
    [one] { $count } active device.
   *[other] { $count } active devices.
}
devices-signed-out = { $count ->
    [one] { $count } signed-out device.
   *[other] { $count } signed-out devices.
}
devices-revoked = { $count ->
    [one] { $count } revoked device.
   *[other] { $count } revoked devices.
}
devices-all = { $count ->
    [one] { $count } device, including signed-out and revoked ones.
   *[other] { $count } devices, including signed-out and revoked ones.
}
device-revoked-at = Revoked { $time }

## Services

requires = Requires
grants = Grants
tokens = Tokens
added = Added
no-host = No host
tokens-one = 1 active
tokens-rotating = Rotating
services-add = Add a service
services-add-lead = Creates a token for its reverse proxy, which is shown once.
services-name-hint = Lowercase letters, digits and hyphens, such as photos. Part of its /verify address; cannot be changed later.
hosts = Hosts
services-hosts-hint = For example photos.example.com. Separate several with spaces.
services-add-submit = Add service and create token
services-none = Add the first service
services-none-lead = Give it a name and a host, paste the generated configuration into its reverse proxy, and grant access to users. Or use the command line:
services-count = { $count ->
    [one] { $count } service.
   *[other] { $count } services.
}
services-found = { $count ->
    [one] { $count } service found.
   *[other] { $count } services found.
}
overlap-day = 24 hours
overlap-day-hint = Enough time to update the proxy.
overlap-hour = 1 hour
overlap-week = 7 days
overlap-week-hint = For proxies managed by someone else.
overlap-none = None: it was leaked
overlap-none-hint = All requests are refused until the proxy has the new token.
requires-device = A registered device
requires-device-hint = Any registered device has access.
requires-passkey = A recent passkey
requires-passkey-hint = The passkey must have been used on the device within the time below.
token = Token
created = Created
expires = Expires
service = Service
scopes = Scopes
since = Since

## Activity and audit log

audit-sign-ins = Sign-ins
audit-passkeys = Passkeys
audit-authenticator-apps = Authenticator apps
audit-keys = Keys
audit-setup = Setup
audit-backups = Backups
audit-all = All events
audit-entry = Entry
audit-time = Time
audit-event = Event
audit-actor = Actor
ip-address = IP address
audit-verify-again = Verify again
audit-verify = Verify chain
audit-none = No entries yet
audit-none-lead = Changes and refused sign-ins are listed here.
audit-entries = Audit entries
refused = Refused
not-signed-in = Not signed in
operator = Operator
audit-lead = Every change and every refused sign-in. Hash-chained. Export with: { $command }
audit-intact = { $count ->
    [one] The chain is intact. It has { $count } entry.
   *[other] The chain is intact. All { $count } entries match their hashes.
}
audit-truncation = Entries missing at the end are detected only with a checkpoint stored elsewhere: latchkey audit verify --against FILE
audit-broken = The chain is broken at entry { $entry }. Its hash does not match the entry before it: the database was changed from outside Latchkey. Make a backup before anything else: latchkey backup FILE
unsealed-waiting = { $count ->
    [one] { $count } event is not in the chain of the audit log yet.
   *[other] { $count } events are not in the chain of the audit log yet.
}
unsealed-rejected = { $count ->
    [one] { $count } event beside the audit log has no valid tag. It was not written by Latchkey, or its master key was removed.
   *[other] { $count } events beside the audit log have no valid tags. They were not written by Latchkey, or their master key was removed.
}
activity-none = No activity yet
activity-none-lead = Sign-ins, new devices and changes to your account are listed here.
activity-lead = Everything that happened on your account, in UTC. See something you did not do? { $link } it came from.
activity-revoke = Revoke the device

## Used on several pages

demo-notice = Demo: sample data in a temporary directory
none = None
active = Active
command = Command
copy = Copy
copied = Copied
shown-once = You won’t see this again.
