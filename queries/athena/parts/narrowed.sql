-- A part of `usage` and `usage-events`: of `records`, the request parameters that decide about permissions, as `narrowed`.
--
-- Parameters: as of `usage`.
kept AS (
    SELECT
        records.*,
        coalesce(
            cardinality(filter(split(read_members.unread_calls, ' '), beginning -> starts_with(lower(event_name), beginning))) > 0,
            false
        ) AS is_unread,
        -- The members that stay; NULL where the text stays as it is: nobody knows what is read, readers of JSON differ in it, or an
        -- object wraps another, or would without its other members.
        CASE
            WHEN read_members.host IS NULL OR strpos(request_text, {escaped_sign}) > 0 THEN NULL
            WHEN cardinality(filter(map_keys(request_members), name -> {is_wrapper})) > 0 THEN NULL
            ELSE filter(
                map_keys(request_members),
                name -> lower(name) = {omitted}
                    OR strpos(concat(' ', read_members.names, ' '), concat(' ', lower(name), ' ')) > 0
                    OR strpos(json_format(request_members[name]), {arn_beginning}) > 0
                    OR regexp_like(name, '[^0-9A-Za-z_-]')
                    OR read_members.has_ids AND NOT ({is_passed_by})
            )
        END AS kept_members
    FROM records
    LEFT JOIN read_members ON lower(event_source) = concat(read_members.host, {source_end})
),
narrowed AS (
    SELECT
        kept.*,
        CASE
            WHEN NOT is_unread THEN coalesce(
                try(json_format(CAST(MAP(kept_members, transform(kept_members, name -> request_members[name])) AS JSON))),
                request_text
            )
        END AS request_parameters,
        CASE WHEN NOT is_unread THEN listed_arns END AS resource_arns
    FROM kept
)
