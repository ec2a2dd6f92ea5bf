<?php
// Sets up the blog beside this file, empty, and prints the password of its author.
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
$user = get_user_by( 'login', 'anna' );
list( $password ) = WP_Application_Passwords::create_new_application_password( $user->ID, array( 'name' => 'tests' ) );
echo json_encode( array( 'user' => 'anna', 'password' => $password ) );
