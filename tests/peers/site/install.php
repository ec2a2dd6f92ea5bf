<?php
// Sets up the blog beside this file, empty, and prints the passwords of its users.
define( 'WP_INSTALLING', true );
require __DIR__ . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install( 'Büro Ährenkranz', 'anna', 'anna@blog.example', true, '', wp_generate_password() );
foreach ( get_posts( array( 'post_type' => 'any', 'post_status' => 'any', 'numberposts' => -1 ) ) as $post ) {
	wp_delete_post( $post->ID, true );
}
$wp_rewrite->set_permalink_structure( '/%postname%/' );
flush_rewrite_rules( false );
switch_theme( 'twentytwentythree' );

function add_password( $user_id ) {
	list( $password ) = WP_Application_Passwords::create_new_application_password( $user_id, array( 'name' => 'tests' ) );
	return $password;
}
$passwords = array( 'anna' => add_password( get_user_by( 'login', 'anna' )->ID ) );
foreach ( array( 'writer' => 'author', 'guest' => 'subscriber' ) as $name => $role ) {
	$user_id            = wp_create_user( $name, wp_generate_password(), "$name@blog.example" );
	$passwords[ $name ] = add_password( $user_id );
	( new WP_User( $user_id ) )->set_role( $role );
}
echo json_encode( $passwords );
