
# Mode `answers`, in front of the api. GET alone is looked up, and never with a key: whoever sends
# `Authorization` is answered by the api. What it lets nobody store is never shared.

sub vcl_recv {
    if (req.url !~ "^/graphql(\?|$)") {
        return (synth(404, "Not found"));  # above all the api's own metrics
    }
    if (req.restarts == 0) {
        std.collect(req.http.Accept);  # lines of one name are one list (RFC 9110, 5.3)
        std.collect(req.http.If-None-Match);
        std.collect(req.http.If-Match);
        call recognise_hop;
        unset req.http.X-Vitrine-Front;
        if (req.http.X-Vitrine-Hop) {
            set req.http.X-Vitrine-Front = req.http.X-Vitrine-Hop;
        }
        unset req.http.X-Vitrine-Hop;
        unset req.http.X-Purge-Secret;
        unset req.http.Cookie;
        unset req.http.Range;
    }
    # Varnish does not evaluate If-Match: the api does
    if (req.method != "GET" || req.http.Authorization || req.http.If-Match
            || req.http.Accept ~ "(?i)text/html|;\s*q=0(\.0*)?\s*(,|;|$)") {
        return (pass);
    }
    # who takes JSON as well gets a stream for a subscription alone; a hash may stand for one
    if (req.http.Accept ~ "(?i)text/event-stream"
            && (req.http.Accept !~ "(?i)application/(json|graphql-response\+json|\*)|\*/\*"
                || req.url ~ "(?i)subscription" || req.url !~ "[?&]query=")) {
        return (pass);
    }
    # two media types, and a third way to be told of an error, whatever clients write into Accept
    if (req.http.Accept ~ "application/graphql-response\+json") {
        set req.http.Accept = "application/graphql-response+json";
    } elseif (req.http.Accept ~ "application/json") {
        set req.http.Accept = "application/json";
    } else {
        set req.http.Accept = "*/*";
    }
    return (hash);
}

sub vcl_hash {
    hash_data(req.url);
    # the context may stand beside the document
    hash_data(req.http.Vitrine-Market);
    hash_data(req.http.Vitrine-Country);
    hash_data(req.http.Vitrine-Locale);
    hash_data(req.http.Vitrine-Channel);
    hash_data(req.http.Vitrine-Usage);
    hash_data(req.http.Vitrine-At);
    hash_data(req.http.Vitrine-Preview);
    return (lookup);
}

sub vcl_backend_fetch {
    unset bereq.http.X-Vitrine-Tier;
    unset bereq.http.X-Vitrine-Front;
    set bereq.between_bytes_timeout = 60s;  # a stream says nothing for up to 15 s
    return (fetch);
}

sub vcl_backend_response {
    call read_lifetime;
    if (beresp.status != 200 || beresp.ttl <= 0s) {
        call do_not_store;
    }
    return (deliver);
}

sub vcl_deliver {
    call say_what_we_did;
    # Age stays, so that the stored lifetime shrinks by itself for a hop in front.
    if (!req.http.X-Vitrine-Front) {
        unset resp.http.CDN-Cache-Control;
        call hide_tags;
    }
    return (deliver);
}
