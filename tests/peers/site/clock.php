<?php
// Plugin Name: Each time a post is saved, it is a minute later
// WordPress tells states of a feed apart by whole seconds; tests save faster than that.
add_filter(
	'wp_insert_post_data',
	function ( $data, $given ) {
		$now = get_option( 'peer_clock', time() - DAY_IN_SECONDS ) + MINUTE_IN_SECONDS;
		update_option( 'peer_clock', $now );
		$saved                     = gmdate( 'Y-m-d H:i:s', $now );
		$data['post_modified']     = $saved;
		$data['post_modified_gmt'] = $saved;
		if ( empty( $given['ID'] ) ) {
			$data['post_date']     = $saved;
			$data['post_date_gmt'] = $saved;
		}
		return $data;
	},
	10,
	2
);
