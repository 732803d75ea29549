"""What the tables of other people's packages hold of a person, declared as our own models declare it (ledger/personal_data.py)."""

from __future__ import annotations

from ledger.personal_data import DELETE, Days, Declaration, ForEver, Nobody

STAFF = "rights at the desk: about members of staff in their work"

THIRD_PARTY: dict[str, Declaration] = {
    "account.EmailAddress": Declaration("user", {"email": "contact", "verified": "contact", "primary": "contact"}, plain=("id", "user")),
    "account.EmailConfirmation": Declaration(
        "email_address__user", withheld={"key": "a secret that protects the account"}, plain=("id", "email_address", "created", "sent")
    ),
    "mfa.Authenticator": Declaration(
        "user",
        {"type": "account", "created_at": "account", "last_used_at": "sign_ins"},
        {"data": "secrets that protect the account, encrypted"},
        ("id", "user"),
    ),
    "usersessions.UserSession": Declaration(
        "user",
        {"created_at": "sign_ins", "last_seen_at": "sign_ins", "ip": "sign_ins", "user_agent": "sign_ins"},
        {"session_key": "a secret that protects the account"},
        ("id", "user", "data"),
    ),
    # Reached through usersessions.UserSession by its key, never by scanning.
    "sessions.Session": Declaration(
        Nobody("reached through the list of open sessions"),
        withheld={"session_key": "a secret that protects the account", "session_data": "who is signed in, and nothing else about you"},
        plain=("expire_date",),
        keep=Days(0, after="expire_date"),
    ),
    "admin.LogEntry": Declaration(
        Nobody("what staff changed at the desk, by reference to rows"),
        plain=("id", "action_time", "user", "content_type", "object_id", "object_repr", "action_flag", "change_message"),
        keep=Days(730, after="action_time"),
        on_erasure=DELETE,  # what they did stands in the chains
    ),
    "auth.Permission": Declaration(Nobody(STAFF), plain=("id", "name", "content_type", "codename"), keep=ForEver("roles")),
    "auth.Group": Declaration(Nobody(STAFF), plain=("id", "name"), keep=ForEver("roles")),
    "auth.Group_permissions": Declaration(Nobody(STAFF), plain=("id", "group", "permission"), keep=ForEver("roles")),
    "contenttypes.ContentType": Declaration(Nobody("names of tables"), plain=("id", "app_label", "model"), keep=ForEver("operation")),
}
