/**
 * Whether the endpoint `e` is to be told of the message `m`, as SQL over rows of these names; `m` may be any row that has
 * `event_type`, `channels` and `only_to`. An entry of the filter is a type, or a group: `onboarding.*` is every type that
 * begins with `onboarding.`. An endpoint that names channels gets messages that name one of them, and no others (Svix).
 */
export const WANTS = `(
  case when m.only_to is not null then m.only_to = e.id
  else (e.channels is null or coalesce(e.channels && m.channels, false))
    and (e.filter_types is null or m.event_type = any(e.filter_types)
      or exists (select from unnest(e.filter_types) entry
        where right(entry, 2) = '.*' and starts_with(m.event_type, left(entry, -1))))
  end)`;
