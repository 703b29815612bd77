package zone

// table has a line for each rule: the rule, and the zones that have it now. The test
// of this package writes it (go test ./internal/zone -update).
const table = "" +
	"<+00>0<+02>-2,M3.5.0/1,M10.5.0/3\tAntarctica/Troll\n" +
	"<+01>-1\tAfrica/Casablanca Africa/El_Aaiun\n" +
	"<+0330>-3:30\tAsia/Tehran\n" +
	"<+03>-3\tAntarctica/Syowa Asia/Aden Asia/Amman Asia/Baghdad Asia/Bahrain Asia/Damascus Asia/Istanbul Asia/Kuwait Asia/Qatar Asia/Riyadh Europe/Istanbul Europe/Minsk\n" +
	"<+0430>-4:30\tAsia/Kabul\n" +
	"<+04>-4\tAsia/Baku Asia/Dubai Asia/Muscat Asia/Tbilisi Asia/Yerevan Europe/Astrakhan Europe/Samara Europe/Saratov Europe/Ulyanovsk Indian/Mahe Indian/Mauritius Indian/Reunion\n" +
	"<+0530>-5:30\tAsia/Colombo\n" +
	"<+0545>-5:45\tAsia/Kathmandu Asia/Katmandu\n" +
	"<+05>-5\tAntarctica/Mawson Antarctica/Vostok Asia/Almaty Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad Asia/Atyrau Asia/Dushanbe Asia/Oral Asia/Qostanay Asia/Qyzylorda Asia/Samarkand Asia/Tashkent Asia/Yekaterinburg Indian/Kerguelen Indian/Maldives\n" +
	"<+0630>-6:30\tAsia/Rangoon Asia/Yangon Indian/Cocos\n" +
	"<+06>-6\tAsia/Bishkek Asia/Dacca Asia/Dhaka Asia/Kashgar Asia/Omsk Asia/Thimbu Asia/Thimphu Asia/Urumqi Indian/Chagos\n" +
	"<+07>-7\tAntarctica/Davis Asia/Bangkok Asia/Barnaul Asia/Ho_Chi_Minh Asia/Hovd Asia/Krasnoyarsk Asia/Novokuznetsk Asia/Novosibirsk Asia/Phnom_Penh Asia/Saigon Asia/Tomsk Asia/Vientiane Indian/Christmas\n" +
	"<+0845>-8:45\tAustralia/Eucla\n" +
	"<+08>-8\tAntarctica/Casey Asia/Brunei Asia/Choibalsan Asia/Irkutsk Asia/Kuala_Lumpur Asia/Kuching Asia/Singapore Asia/Ulaanbaatar Asia/Ulan_Bator\n" +
	"<+09>-9\tAsia/Chita Asia/Dili Asia/Khandyga Asia/Yakutsk Pacific/Palau\n" +
	"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0\tAustralia/LHI Australia/Lord_Howe\n" +
	"<+10>-10\tAntarctica/DumontDUrville Asia/Ust-Nera Asia/Vladivostok Pacific/Chuuk Pacific/Port_Moresby Pacific/Truk Pacific/Yap\n" +
	"<+11>-11\tAsia/Magadan Asia/Sakhalin Asia/Srednekolymsk Pacific/Bougainville Pacific/Efate Pacific/Guadalcanal Pacific/Kosrae Pacific/Noumea Pacific/Pohnpei Pacific/Ponape\n" +
	"<+11>-11<+12>,M10.1.0,M4.1.0/3\tPacific/Norfolk\n" +
	"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45\tPacific/Chatham\n" +
	"<+12>-12\tAsia/Anadyr Asia/Kamchatka Pacific/Fiji Pacific/Funafuti Pacific/Kwajalein Pacific/Majuro Pacific/Nauru Pacific/Tarawa Pacific/Wake Pacific/Wallis\n" +
	"<+13>-13\tPacific/Apia Pacific/Enderbury Pacific/Fakaofo Pacific/Kanton Pacific/Tongatapu\n" +
	"<+14>-14\tPacific/Kiritimati\n" +
	"<-01>1\tAtlantic/Cape_Verde\n" +
	"<-01>1<+00>,M3.5.0/0,M10.5.0/1\tAtlantic/Azores\n" +
	"<-02>2\tAmerica/Noronha Atlantic/South_Georgia\n" +
	"<-02>2<-01>,M3.5.0/-1,M10.5.0/0\tAmerica/Godthab America/Nuuk America/Scoresbysund\n" +
	"<-03>3\tAmerica/Araguaina America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman America/Argentina/Ushuaia America/Asuncion America/Bahia America/Belem America/Buenos_Aires America/Catamarca America/Cayenne America/Cordoba America/Coyhaique America/Fortaleza America/Jujuy America/Maceio America/Mendoza America/Montevideo America/Paramaribo America/Punta_Arenas America/Recife America/Rosario America/Santarem America/Sao_Paulo Antarctica/Palmer Antarctica/Rothera Atlantic/Stanley\n" +
	"<-03>3<-02>,M3.2.0,M11.1.0\tAmerica/Miquelon\n" +
	"<-04>4\tAmerica/Boa_Vista America/Campo_Grande America/Caracas America/Cuiaba America/Guyana America/La_Paz America/Manaus America/Porto_Velho\n" +
	"<-04>4<-03>,M9.1.6/24,M4.1.6/24\tAmerica/Santiago\n" +
	"<-05>5\tAmerica/Bogota America/Eirunepe America/Guayaquil America/Lima America/Porto_Acre America/Rio_Branco\n" +
	"<-06>6\tPacific/Galapagos\n" +
	"<-06>6<-05>,M9.1.6/22,M4.1.6/22\tPacific/Easter\n" +
	"<-08>8\tPacific/Pitcairn\n" +
	"<-0930>9:30\tPacific/Marquesas\n" +
	"<-09>9\tPacific/Gambier\n" +
	"<-10>10\tPacific/Rarotonga Pacific/Tahiti\n" +
	"<-11>11\tPacific/Niue\n" +
	"ACST-9:30\tAustralia/Darwin Australia/North\n" +
	"ACST-9:30ACDT,M10.1.0,M4.1.0/3\tAustralia/Adelaide Australia/Broken_Hill Australia/South Australia/Yancowinna\n" +
	"AEST-10\tAustralia/Brisbane Australia/Lindeman Australia/Queensland\n" +
	"AEST-10AEDT,M10.1.0,M4.1.0/3\tAntarctica/Macquarie Australia/ACT Australia/Canberra Australia/Currie Australia/Hobart Australia/Melbourne Australia/NSW Australia/Sydney Australia/Tasmania Australia/Victoria\n" +
	"AKST9AKDT,M3.2.0,M11.1.0\tAmerica/Anchorage America/Juneau America/Metlakatla America/Nome America/Sitka America/Yakutat\n" +
	"AST4\tAmerica/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon America/Curacao America/Dominica America/Grenada America/Guadeloupe America/Kralendijk America/Lower_Princes America/Marigot America/Martinique America/Montserrat America/Port_of_Spain America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Tortola America/Virgin\n" +
	"AST4ADT,M3.2.0,M11.1.0\tAmerica/Glace_Bay America/Goose_Bay America/Halifax America/Moncton America/Thule Atlantic/Bermuda\n" +
	"AWST-8\tAustralia/Perth Australia/West\n" +
	"CAT-2\tAfrica/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Juba Africa/Khartoum Africa/Kigali Africa/Lubumbashi Africa/Lusaka Africa/Maputo Africa/Windhoek\n" +
	"CET-1\tAfrica/Algiers Africa/Tunis\n" +
	"CET-1CEST,M3.5.0,M10.5.0/3\tAfrica/Ceuta Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Amsterdam Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco Europe/Oslo Europe/Paris Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb Europe/Zurich\n" +
	"CST-8\tAsia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau Asia/Shanghai Asia/Taipei\n" +
	"CST5CDT,M3.2.0/0,M11.1.0/1\tAmerica/Havana\n" +
	"CST6\tAmerica/Bahia_Banderas America/Belize America/Chihuahua America/Costa_Rica America/El_Salvador America/Guatemala America/Managua America/Merida America/Mexico_City America/Monterrey America/Regina America/Swift_Current America/Tegucigalpa\n" +
	"CST6CDT,M3.2.0,M11.1.0\tAmerica/Chicago America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN America/Matamoros America/Menominee America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga America/Rainy_River America/Rankin_Inlet America/Resolute America/Winnipeg\n" +
	"ChST-10\tPacific/Guam Pacific/Saipan\n" +
	"EAT-3\tAfrica/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti Africa/Kampala Africa/Mogadishu Africa/Nairobi Indian/Antananarivo Indian/Comoro Indian/Mayotte\n" +
	"EET-2\tAfrica/Tripoli Europe/Kaliningrad\n" +
	"EET-2EEST,M3.4.4/50,M10.4.4/50\tAsia/Gaza Asia/Hebron\n" +
	"EET-2EEST,M3.5.0,M10.5.0/3\tEurope/Chisinau Europe/Tiraspol\n" +
	"EET-2EEST,M3.5.0/0,M10.5.0/0\tAsia/Beirut\n" +
	"EET-2EEST,M3.5.0/3,M10.5.0/4\tAsia/Famagusta Asia/Nicosia Europe/Athens Europe/Bucharest Europe/Helsinki Europe/Kiev Europe/Kyiv Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn Europe/Uzhgorod Europe/Vilnius Europe/Zaporozhye\n" +
	"EET-2EEST,M4.5.5/0,M10.5.4/24\tAfrica/Cairo\n" +
	"EST5\tAmerica/Atikokan America/Cancun America/Cayman America/Coral_Harbour America/Jamaica America/Panama\n" +
	"EST5EDT,M3.2.0,M11.1.0\tAmerica/Detroit America/Fort_Wayne America/Grand_Turk America/Indiana/Indianapolis America/Indiana/Marengo America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac America/Indianapolis America/Iqaluit America/Kentucky/Louisville America/Kentucky/Monticello America/Louisville America/Montreal America/Nassau America/New_York America/Nipigon America/Pangnirtung America/Port-au-Prince America/Thunder_Bay America/Toronto\n" +
	"GMT0\tAfrica/Abidjan Africa/Accra Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena\n" +
	"GMT0BST,M3.5.0/1,M10.5.0\tEurope/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London\n" +
	"HKT-8\tAsia/Hong_Kong\n" +
	"HST10\tPacific/Honolulu Pacific/Johnston\n" +
	"HST10HDT,M3.2.0,M11.1.0\tAmerica/Adak America/Atka\n" +
	"IST-1GMT0,M10.5.0,M3.5.0/1\tEurope/Dublin\n" +
	"IST-2IDT,M3.4.4/26,M10.5.0\tAsia/Jerusalem Asia/Tel_Aviv\n" +
	"IST-5:30\tAsia/Calcutta Asia/Kolkata\n" +
	"JST-9\tAsia/Tokyo\n" +
	"KST-9\tAsia/Pyongyang Asia/Seoul\n" +
	"MSK-3\tEurope/Kirov Europe/Moscow Europe/Simferopol Europe/Volgograd\n" +
	"MST7\tAmerica/Creston America/Dawson America/Dawson_Creek America/Fort_Nelson America/Hermosillo America/Mazatlan America/Phoenix America/Whitehorse\n" +
	"MST7MDT,M3.2.0,M11.1.0\tAmerica/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Denver America/Edmonton America/Inuvik America/Shiprock America/Yellowknife\n" +
	"NST3:30NDT,M3.2.0,M11.1.0\tAmerica/St_Johns\n" +
	"NZST-12NZDT,M9.5.0,M4.1.0/3\tAntarctica/McMurdo Antarctica/South_Pole Pacific/Auckland\n" +
	"PKT-5\tAsia/Karachi\n" +
	"PST-8\tAsia/Manila\n" +
	"PST8PDT,M3.2.0,M11.1.0\tAmerica/Ensenada America/Los_Angeles America/Santa_Isabel America/Tijuana America/Vancouver\n" +
	"SAST-2\tAfrica/Johannesburg Africa/Maseru Africa/Mbabane\n" +
	"SST11\tPacific/Midway Pacific/Pago_Pago Pacific/Samoa\n" +
	"UTC0\tUTC\n" +
	"WAT-1\tAfrica/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Lagos Africa/Libreville Africa/Luanda Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo\n" +
	"WET0WEST,M3.5.0/1,M10.5.0\tAtlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Lisbon\n" +
	"WIB-7\tAsia/Jakarta Asia/Pontianak\n" +
	"WIT-9\tAsia/Jayapura\n" +
	"WITA-8\tAsia/Makassar Asia/Ujung_Pandang\n"
