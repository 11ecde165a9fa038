"""Where the chain's shops are: stations of Tokyo, with how many shops each has. Coordinates to about 100 m."""

from typing import NamedTuple


class Station(NamedTuple):
    name: str
    name_ja: str
    lat: float
    lon: float
    shops: int


# The Yamanote line, once round from Tokyo.
_YAMANOTE = (
    Station("Tokyo", "東京", 35.6812, 139.7671, 4),
    Station("Kanda", "神田", 35.6917, 139.7709, 3),
    Station("Akihabara", "秋葉原", 35.6984, 139.7731, 4),
    Station("Okachimachi", "御徒町", 35.7075, 139.7747, 2),
    Station("Ueno", "上野", 35.7138, 139.7770, 4),
    Station("Uguisudani", "鶯谷", 35.7214, 139.7780, 2),
    Station("Nippori", "日暮里", 35.7281, 139.7707, 2),
    Station("Nishi-Nippori", "西日暮里", 35.7320, 139.7668, 2),
    Station("Tabata", "田端", 35.7381, 139.7608, 2),
    Station("Komagome", "駒込", 35.7365, 139.7470, 2),
    Station("Sugamo", "巣鴨", 35.7334, 139.7393, 3),
    Station("Otsuka", "大塚", 35.7318, 139.7290, 2),
    Station("Ikebukuro", "池袋", 35.7295, 139.7109, 4),
    Station("Mejiro", "目白", 35.7212, 139.7066, 2),
    Station("Takadanobaba", "高田馬場", 35.7126, 139.7038, 4),
    Station("Shin-Okubo", "新大久保", 35.7013, 139.7000, 2),
    Station("Shinjuku", "新宿", 35.6896, 139.7006, 4),
    Station("Yoyogi", "代々木", 35.6830, 139.7020, 2),
    Station("Harajuku", "原宿", 35.6702, 139.7027, 3),
    Station("Shibuya", "渋谷", 35.6580, 139.7016, 4),
    Station("Ebisu", "恵比寿", 35.6467, 139.7101, 4),
    Station("Meguro", "目黒", 35.6340, 139.7158, 3),
    Station("Gotanda", "五反田", 35.6262, 139.7238, 3),
    Station("Osaki", "大崎", 35.6197, 139.7286, 3),
    Station("Shinagawa", "品川", 35.6285, 139.7388, 4),
    Station("Takanawa Gateway", "高輪ゲートウェイ", 35.6355, 139.7407, 2),
    Station("Tamachi", "田町", 35.6457, 139.7476, 3),
    Station("Hamamatsucho", "浜松町", 35.6554, 139.7570, 3),
    Station("Shimbashi", "新橋", 35.6663, 139.7583, 4),
    Station("Yurakucho", "有楽町", 35.6751, 139.7630, 4),
)

# The Chuo line, westwards.
_CHUO = (
    Station("Ochanomizu", "御茶ノ水", 35.6993, 139.7650, 3),
    Station("Suidobashi", "水道橋", 35.7020, 139.7530, 2),
    Station("Iidabashi", "飯田橋", 35.7020, 139.7450, 3),
    Station("Ichigaya", "市ケ谷", 35.6910, 139.7357, 2),
    Station("Yotsuya", "四ツ谷", 35.6860, 139.7302, 3),
    Station("Shinanomachi", "信濃町", 35.6800, 139.7204, 2),
    Station("Sendagaya", "千駄ケ谷", 35.6812, 139.7113, 2),
    Station("Okubo", "大久保", 35.7007, 139.6973, 1),
    Station("Higashi-Nakano", "東中野", 35.7064, 139.6830, 2),
    Station("Nakano", "中野", 35.7058, 139.6657, 4),
    Station("Koenji", "高円寺", 35.7053, 139.6497, 4),
    Station("Asagaya", "阿佐ケ谷", 35.7047, 139.6357, 3),
    Station("Ogikubo", "荻窪", 35.7045, 139.6202, 3),
    Station("Nishi-Ogikubo", "西荻窪", 35.7038, 139.5995, 3),
    Station("Kichijoji", "吉祥寺", 35.7031, 139.5798, 4),
    Station("Mitaka", "三鷹", 35.7027, 139.5608, 3),
    Station("Musashi-Sakai", "武蔵境", 35.7021, 139.5434, 2),
    Station("Higashi-Koganei", "東小金井", 35.7016, 139.5245, 2),
    Station("Musashi-Koganei", "武蔵小金井", 35.7011, 139.5066, 2),
    Station("Kokubunji", "国分寺", 35.7003, 139.4803, 3),
    Station("Kunitachi", "国立", 35.6991, 139.4463, 3),
    Station("Tachikawa", "立川", 35.6980, 139.4137, 4),
)

# Private lines out of Shibuya and Shinjuku: Toyoko, Den-en-toshi, Odakyu, Keio.
_PRIVATE_LINES = (
    Station("Daikanyama", "代官山", 35.6481, 139.7032, 3),
    Station("Naka-Meguro", "中目黒", 35.6442, 139.6991, 4),
    Station("Yutenji", "祐天寺", 35.6372, 139.6908, 2),
    Station("Gakugei-Daigaku", "学芸大学", 35.6286, 139.6854, 3),
    Station("Toritsu-Daigaku", "都立大学", 35.6178, 139.6764, 2),
    Station("Jiyugaoka", "自由が丘", 35.6075, 139.6689, 4),
    Station("Den-en-chofu", "田園調布", 35.5969, 139.6674, 2),
    Station("Tamagawa", "多摩川", 35.5885, 139.6690, 1),
    Station("Ikejiri-Ohashi", "池尻大橋", 35.6507, 139.6847, 2),
    Station("Sangenjaya", "三軒茶屋", 35.6436, 139.6700, 4),
    Station("Komazawa-Daigaku", "駒沢大学", 35.6333, 139.6613, 2),
    Station("Sakura-Shimmachi", "桜新町", 35.6317, 139.6442, 3),
    Station("Yoga", "用賀", 35.6264, 139.6339, 2),
    Station("Futako-Tamagawa", "二子玉川", 35.6117, 139.6267, 4),
    Station("Sangubashi", "参宮橋", 35.6785, 139.6935, 1),
    Station("Yoyogi-Hachiman", "代々木八幡", 35.6697, 139.6896, 2),
    Station("Yoyogi-Uehara", "代々木上原", 35.6690, 139.6797, 3),
    Station("Shimo-Kitazawa", "下北沢", 35.6614, 139.6670, 4),
    Station("Umegaoka", "梅ヶ丘", 35.6560, 139.6537, 2),
    Station("Gotokuji", "豪徳寺", 35.6536, 139.6473, 2),
    Station("Kyodo", "経堂", 35.6512, 139.6363, 3),
    Station("Chitose-Funabashi", "千歳船橋", 35.6472, 139.6247, 2),
    Station("Soshigaya-Okura", "祖師ヶ谷大蔵", 35.6432, 139.6095, 2),
    Station("Seijo-Gakuen-mae", "成城学園前", 35.6401, 139.5986, 3),
    Station("Hatsudai", "初台", 35.6808, 139.6862, 2),
    Station("Sasazuka", "笹塚", 35.6738, 139.6671, 2),
    Station("Meidaimae", "明大前", 35.6687, 139.6504, 3),
)

# The metro, and the east and south of the city.
_METRO = (
    Station("Asakusa", "浅草", 35.7107, 139.7976, 4),
    Station("Oshiage", "押上", 35.7104, 139.8128, 3),
    Station("Ginza", "銀座", 35.6717, 139.7650, 4),
    Station("Kyobashi", "京橋", 35.6767, 139.7701, 2),
    Station("Nihombashi", "日本橋", 35.6820, 139.7745, 3),
    Station("Mitsukoshimae", "三越前", 35.6873, 139.7733, 2),
    Station("Ningyocho", "人形町", 35.6864, 139.7824, 3),
    Station("Tsukiji", "築地", 35.6680, 139.7726, 3),
    Station("Tsukishima", "月島", 35.6647, 139.7845, 2),
    Station("Toyosu", "豊洲", 35.6550, 139.7963, 3),
    Station("Monzen-Nakacho", "門前仲町", 35.6720, 139.7960, 3),
    Station("Kiyosumi-Shirakawa", "清澄白河", 35.6823, 139.7987, 3),
    Station("Ryogoku", "両国", 35.6958, 139.7930, 2),
    Station("Kinshicho", "錦糸町", 35.6967, 139.8145, 4),
    Station("Kameido", "亀戸", 35.6973, 139.8264, 2),
    Station("Kita-Senju", "北千住", 35.7497, 139.8049, 4),
    Station("Toranomon", "虎ノ門", 35.6702, 139.7499, 3),
    Station("Kamiyacho", "神谷町", 35.6629, 139.7451, 2),
    Station("Roppongi", "六本木", 35.6629, 139.7315, 4),
    Station("Hiroo", "広尾", 35.6508, 139.7221, 3),
    Station("Akasaka-mitsuke", "赤坂見附", 35.6770, 139.7370, 3),
    Station("Aoyama-itchome", "青山一丁目", 35.6728, 139.7240, 2),
    Station("Gaiemmae", "外苑前", 35.6705, 139.7178, 2),
    Station("Omote-sando", "表参道", 35.6652, 139.7123, 4),
    Station("Kagurazaka", "神楽坂", 35.7037, 139.7345, 3),
    Station("Waseda", "早稲田", 35.7057, 139.7216, 2),
    Station("Oimachi", "大井町", 35.6063, 139.7349, 3),
    Station("Omori", "大森", 35.5884, 139.7279, 3),
    Station("Kamata", "蒲田", 35.5625, 139.7161, 4),
    Station("Akabane", "赤羽", 35.7780, 139.7208, 4),
    Station("Oji", "王子", 35.7529, 139.7380, 2),
    Station("Nerima", "練馬", 35.7378, 139.6543, 2),
)

STATIONS = (*_YAMANOTE, *_CHUO, *_PRIVATE_LINES, *_METRO)


class Park(NamedTuple):
    """Where people stroll who come to no shop: `lat`, `lon` of a spot with none within 300 m."""

    name: str
    lat: float
    lon: float


PARKS = (
    Park("Yoyogi Park", 35.6717, 139.6958),
    Park("Shinjuku Gyoen", 35.6858, 139.7085),
    Park("Imperial Palace East Garden", 35.6862, 139.7563),
    Park("Ueno Park", 35.7182, 139.7718),
    Park("Inokashira Park", 35.6985, 139.5735),
)
