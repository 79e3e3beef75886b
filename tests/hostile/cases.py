"""Every case of hostile input, and which tests prove it: the list that `test_cases.py` holds to what there is.

B1 to B21 and A are the cases of the security notes of this project. What the product does not have is said to be so:
it reads no host over ssh and no Prometheus, exports nothing over HTTP, serves no browser, and knows no macOS.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Case(NamedTuple):
    """One case: what it is, the tests as FILE::TEST under ``tests``, and what of it is proved elsewhere or not here."""

    says: str
    tests: tuple[str, ...] = ()
    elsewhere: str = ""


def _in(file: str, *tests: str) -> tuple[str, ...]:
    return tuple(f"{file}.py::test_{test}" for test in tests)


CASES: Final = {
    "A": Case(
        "thousands of generated inputs for every parser: 0 crashes, 0 hangs, bounded memory",
        (
            *_in("hostile/test_parsers", "whatever_a_parser_is_given_it_understands_or_refuses"),
            *_in("sources/test_nitro_hostile", "bytes_changed_left_out_or_put_in", "a_piece_of_a_reply_and_another"),
            *_in(
                "sources/test_nitro_hostile", "values_of_every_kind_under_keys_that_may_occur_twice", "any_json_at_all"
            ),
            *_in("sources/test_netstat", "no_bytes_whatever_crash_the_parser"),
            *_in("test_config", "whatever_the_file_holds_only_a_settings_error_comes_of_it"),
            *_in("test_config", "whatever_value_any_key_has_only_a_settings_error_comes_of_it"),
            *_in("rules/test_parser", "any_text_is_a_rule_or_a_complaint_and_nothing_else"),
            *_in("recording/test_hostile_files", "every_column_may_hold_anything", "json_in_it_may_say_anything"),
            *_in("recording/test_hostile_files", "hostile_texts_reach_no_terminal", "what_is_no_recording_is_told_so"),
            *_in("recording/test_import", "lines_of_anything_are_understood_or_told"),
            *_in("recording/test_import", "a_file_of_anything_becomes_a_sound_recording_or_none"),
        ),
        "ten thousand each in benchmarks/hostile.py, and led by coverage in benchmarks/fuzz.py; there is no Prometheus "
        "source and no Apple netstat",
    ),
    "B1": Case(
        "errorcodes, login pages, 401, 403, 503; an expired session is entered again once and not in a loop",
        (
            *_in("sources/test_nitro_reply", "the_errorcode_decides_whatever_the_http_status_is"),
            *_in("sources/test_netscaler_faults", "a_fault_of_the_counters_is_named_and_over_when_it_is_mended"),
            *_in("sources/test_netscaler_faults", "a_fault_of_the_login_is_named_and_over_when_it_is_mended"),
            *_in(
                "sources/test_netscaler_session", "sessions_ended_again_and_again_are_replaced_once_in_thirty_seconds"
            ),
            *_in("sources/test_netscaler_session", "a_wrong_password_is_tried_once_a_poll"),
            *_in("test_collector", "refused_credentials_are_not_tried_again_until_somebody_says_so"),
        ),
    ),
    "B2": Case(
        "partial JSON, empty and short bodies, bad chunks, a reset at every 64th byte",
        (
            *_in("sources/test_netscaler_faults", "b2_a_reset_at_every_64th_byte_of_a_good_reply_is_survived"),
            *_in("sources/test_netscaler_faults", "a_fault_of_the_counters_is_named_and_over_when_it_is_mended"),
            *_in("sources/test_netscaler_tls", "faults_over_tls_are_survived"),
            *_in("hostile/test_wire", "b2_a_reset_at_every_64th_byte_of_a_login_is_survived"),
            *_in("hostile/test_wire", "b2_a_companion_reset_anywhere_costs_no_counter"),
        ),
    ),
    "B3": Case(
        "values that are no numbers, at every field: unreadable, never 0, never a rate",
        (
            *_in(
                "hostile/test_counters",
                "b3_whatever_stands_for_any_number_of_a_reply_is_unreadable_and_no_other_number_suffers",
            ),
            *_in("hostile/test_counters", "b3_what_is_unreadable_is_told_as_unknown_and_has_no_rate_before_or_after"),
            *_in("sources/test_netscaler_faults", "b3_what_is_no_number_is_not_known_and_never_zero"),
            *_in("sources/test_nitro_counters", "a_total_is_read_to_the_last_digit_in_every_shape"),
            *_in("ui/test_fleet", "what_is_not_known_is_no_zero"),
        ),
    ),
    "B4": Case(
        "10,000 and 100,000 fields: the catalogue and 500 more are kept",
        (
            *_in("hostile/test_counters", "b4_of_so_many_fields_the_catalogue_and_500_more_are_kept"),
            *_in("sources/test_netscaler_faults", "b4_a_hundred_thousand_fields_are_cut_to_the_catalogue_and_500_more"),
            *_in("sources/test_nitro_counters", "keys_that_never_stay_the_same_are_not_hoarded"),
        ),
    ),
    "B5": Case(
        "a gzip bomb of a GiB, in any answer: given up at 4 MiB, with less than 50 MiB",
        (
            *_in("sources/test_netscaler_faults", "b5_a_gzip_bomb_of_a_gibibyte_takes_less_than_50_mib"),
            *_in("hostile/test_wire", "b5_a_gzip_bomb_in_any_answer_takes_less_than_50_mib"),
        ),
    ),
    "B6": Case(
        "a body that drips: given up with the poll, and the other targets miss none",
        (
            *_in("sources/test_netscaler_faults", "b6_what_does_not_end_is_given_up_with_the_poll"),
            *_in("sources/test_netscaler_faults", "b6_a_login_that_stalls_is_not_begun_anew_by_each_poll"),
            *_in("nitro/test_ten_targets", "three_targets_in_trouble_cost_the_other_seven_no_poll"),
        ),
    ),
    "B7": Case(
        "redirects of 5 kinds of GET and POST, and from HTTPS to HTTP: nothing arrives there",
        (
            *_in("sources/test_netscaler_faults", "b7_a_redirect_is_not_followed_and_names_where_it_leads"),
            *_in("sources/test_netscaler_faults", "b7_a_redirect_of_a_stateless_call_is_not_followed"),
            *_in("sources/test_netscaler_faults", "b7_a_redirect_of_the_logout_is_not_followed"),
            *_in("hostile/test_wire", "b7_from_https_to_http_nothing_follows"),
        ),
    ),
    "B8": Case(
        "TLS: self-signed, out of time, another name, another pin, TLS 1.0, plain HTTP, a certificate that changes",
        (
            *_in("sources/test_netscaler_tls", "a_self_signed_certificate_is_named_with_the_exact_way_to_trust_it"),
            *_in("sources/test_netscaler_tls", "a_certificate_out_of_its_time_is_refused_and_can_be_pinned"),
            *_in("sources/test_netscaler_tls", "a_certificate_for_another_name_is_refused_and_can_be_pinned"),
            *_in("sources/test_netscaler_tls", "a_certificate_that_is_not_the_pinned_one_gets_nothing"),
            *_in("sources/test_netscaler_tls", "a_server_that_knows_no_tls_1_2_is_refused"),
            *_in("sources/test_netscaler_tls", "plain_http_on_a_tls_port_and_tls_on_a_plain_one_are_told_apart"),
            *_in("sources/test_netscaler_tls", "a_certificate_that_changes_between_polls_is_noticed"),
            *_in("sources/test_netscaler_tls", "a_handshake_that_stalls_is_given_up_with_the_poll"),
        ),
    ),
    "B9": Case(
        "13 payloads and a thousand random names in every text of every screen: no control code out, no action",
        (
            *_in("hostile/test_screens", "b9_no_text_on_any_screen_reaches_the_terminal_as_anything_but_text"),
            *_in("hostile/test_screens", "b9_there_are_a_thousand_names_of_every_kind_and_13_payloads"),
            *_in("ui/test_hostile_text", "no_text_reaches_the_terminal_as_anything_but_text"),
            *_in("sources/test_nitro_reply", "hostile_texts_come_out_printable_and_short"),
            *_in("sources/test_nitro_reply", "hostile_facts_come_out_printable_and_short"),
            *_in("nitro/test_check", "what_an_appliance_says_cannot_break_the_line"),
        ),
        "the screens are made of widgets of our own, Textual's list of commands and its input; there are no others",
    ),
    "B10": Case(
        "a reset at every counter: one interval without a rate, never less than nothing, no spike",
        (
            *_in(
                "hostile/test_counters", "b10_any_counter_that_goes_back_is_a_reset_for_one_interval_and_never_a_rate"
            ),
            *_in("hostile/test_counters", "b10_after_a_boot_no_counter_has_a_rate_though_every_one_is_higher"),
            *_in(
                "sources/test_netscaler_takeover",
                "a_reboot_is_marked_and_no_spike",
                "cleared_counters_are_marked_and_no_spike",
            ),
            *_in("sources/test_netscaler_takeover", "a_growth_is_implausible_only_far_beyond_the_own_rates"),
        ),
    ),
    "B11": Case(
        "wraps of 32 and 64 bits at every counter: exact where the width is known, else a reset",
        (
            *_in("hostile/test_counters", "b11_any_counter_of_a_known_width_wraps_without_a_loss"),
            *_in("hostile/test_counters", "b11_of_a_width_that_is_not_known_it_is_a_reset"),
            *_in("cli/test_stat_last_calls", "a_counter_of_32_bits_that_went_round_was_not_reset"),
        ),
        "macOS is not read",
    ),
    "B12": Case(
        "the wall clock steps, or the machine sleeps: rates go by a clock that nobody sets",
        (
            *_in("hostile/test_counters", "b12_no_step_of_the_wall_clock_changes_a_rate"),
            *_in("hostile/test_counters", "b12_eight_hours_of_sleep_are_a_gap_and_their_growth_no_spike"),
            *_in("cli/test_stat_last_calls", "time_is_taken_from_the_clock_that_nobody_sets"),
        ),
        "no machine of ours can be put to sleep: that the clock goes on then is the kernel's word for CLOCK_BOOTTIME",
    ),
    "B13": Case(
        "1 to 100 missed polls, samples twice, out of order, or with older totals",
        (
            *_in(
                "hostile/test_counters",
                "b13_of_any_number_of_missed_polls_the_growth_is_exact_and_the_rate_over_its_time",
            ),
            *_in("hostile/test_counters", "b13_a_sample_that_is_no_newer_changes_nothing"),
            *_in(
                "hostile/test_counters",
                "b13_an_older_total_is_a_reset_and_what_comes_after_it_is_no_more_than_was_counted_since",
            ),
            *_in("engine/test_refreshing_source", "missed_polls_do_not_disturb_the_rate"),
        ),
    ),
    "B14": Case(
        "signals and closed terminals: the terminal restored, the exit code right, the session given back",
        (
            *_in("cli/test_dashboard_on_a_terminal", "a_signal_ends_it_with_the_terminal_restored"),
            *_in("cli/test_dashboard_on_a_terminal", "a_closed_terminal_ends_it_though_nobody_sends_a_signal"),
            *_in("cli/test_dashboard_on_a_terminal", "ctrl_z_gives_the_terminal_back_and_fg_takes_it_again"),
            *_in("nitro/test_ends", "the_dashboard_logs_out_however_it_ends", "a_signal_to_stat_logs_out"),
            *_in("nitro/test_ends", "a_reader_that_has_seen_enough_logs_out"),
            *_in("hostile/test_terminals", "b14_a_signal_that_ends_nothing_ends_nothing"),
            *_in("recording/test_record_command", "a_signal_ends_it_with_all_written_into_one_file"),
            *_in("recording/test_record_command", "whoever_listens_no_more_ends_no_recording"),
        ),
        "there is no ssh",
    ),
    "B15": Case(
        "300 sizes from 1x1 to 500x200, dumb terminals, no colours, LANG=C",
        (
            *_in("hostile/test_terminals", "b15_three_hundred_sizes_from_1x1_to_500x200_leave_every_screen_right"),
            *_in("hostile/test_terminals", "b15_it_starts_at_any_size_and_is_right_at_the_next"),
            *_in("hostile/test_screens", "b15_every_screen_draws_itself_at_any_size"),
            *_in("cli/test_dashboard_on_a_terminal", "a_resize_storm_leaves_it_alive_and_right"),
            *_in("cli/test_dashboard_on_a_terminal", "a_dumb_terminal_is_refused_with_a_word"),
            *_in("cli/test_dashboard_on_a_terminal", "no_color_sends_no_colour", "ascii_mode_draws_with_seven_bits"),
            *_in("cli/test_stat", "a_locale_without_utf8_is_no_reason_to_crash"),
        ),
    ),
    "B16": Case(
        "full disks, links, folders, pipes, torn files, two writers: of what is remembered, of zeros, of recordings",
        (
            *_in("hostile/test_files", "a_disk_full_at_any_byte_loses_nothing_of_what_is_remembered"),
            *_in("hostile/test_files", "a_disk_full_at_any_byte_loses_no_zero"),
            *_in("hostile/test_files", "a_state_file_torn_anywhere_is_told_or_whole"),
            *_in("hostile/test_files", "a_zero_file_torn_anywhere_is_an_error_with_what_to_type"),
            *_in("hostile/test_files", "what_can_be_read_and_not_be_written_is_kept_aside_and_stops_nothing"),
            *_in("hostile/test_files", "a_silence_until_no_date_stops_no_dashboard"),
            *_in("hostile/test_files", "a_zero_that_cannot_be_is_no_zero"),
            *_in(
                "test_remembered",
                "a_symlink_is_neither_read_nor_written_through",
                "what_is_no_file_does_not_hold_the_start_up",
            ),
            *_in("test_remembered", "dashboards_that_save_at_once_lose_nothing_of_each_other"),
            *_in("cli/test_stat_zero_files", "a_file_that_is_not_ours_is_an_error_and_not_a_zero"),
            *_in("nitro/clear/test_trouble", "a_disk_that_is_full_clears_nothing"),
            *_in("recording/test_disk_full", "a_full_disk_leaves_a_gap_and_no_more"),
            *_in("recording/test_disk_full", "a_disk_that_is_full_from_the_start_is_waited_for"),
            *_in("recording/test_disk_full", "a_full_disk_at_the_end_is_told_and_leaves_a_sound_file"),
            *_in("recording/test_kill", "whenever_it_is_killed_the_file_opens_and_has_all_but_the_last_second"),
            *_in("recording/test_damaged_files", "it_may_end_anywhere_in_its_last_bytes"),
            *_in("recording/test_damaged_files", "any_of_its_bytes_may_be_another"),
            *_in("recording/test_damaged_files", "what_is_not_in_the_file_itself_yet_may_be_cut_anywhere"),
            *_in("recording/test_record_command", "a_second_writer_of_a_file_is_refused_and_the_first_one_goes_on"),
            *_in("recording/test_record_command", "what_is_not_a_file_for_us_is_refused_in_a_line_and_left_as_it_is"),
            *_in("recording/test_record_command", "a_folder_that_is_a_link_or_of_others_is_refused"),
        ),
    ),
    "B17": Case("hosts over ssh", elsewhere="the product has none"),
    "B18": Case(
        "a secret is in no output, log, traceback, picture, command line or dump",
        (
            *_in("nitro/test_canary", "the_search_would_find_a_secret", "a_dashboard_in_use_shows_no_secret"),
            *_in("nitro/test_canary", "a_crash_of_the_dashboard_shows_no_secret", "debugging_shows_no_secret"),
            *_in("nitro/test_canary", "a_crash_of_stat_shows_no_secret_even_with_local_variables"),
            *_in(
                "nitro/test_canary", "a_picture_of_the_screen_shows_no_secret", "a_dump_of_all_threads_shows_no_secret"
            ),
            *_in("nitro/test_canary", "what_prints_settings_shows_no_secret"),
            *_in("recording/test_report_canary", "no_secret_is_in_a_report"),
        ),
    ),
    "B19": Case("a day of polls in simulated time", elsewhere="benchmarks/soak.py: it takes too long for a test"),
    "B20": Case("an exporter over HTTP", elsewhere="the product has none: stat prints the exposition format"),
    "B21": Case("Prometheus as a source", elsewhere="the product has none"),
}
