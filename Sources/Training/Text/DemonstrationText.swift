import TensorTypes

/// A text of our own to learn from where there is no other: a small world told in plain sentences.
///
/// Words that can stand for each other stand in the same sentences, as words of one kind do in any text: kings and queens
/// rule, cats and dogs are fed, cities lie in countries. So neighbours are words of one kind, and what parts a king from a queen
/// parts a man from a woman.
public enum DemonstrationText {
  /// The same in every program: neither machine nor seed changes a word.
  public static let text: String = {
    var random = CounterRandom(seed: 2013)
    return (0..<sentenceCount).map { _ in sentence(&random) }.joined(separator: "\n") + "\n"
  }()

  private static let sentenceCount = 2500

  private static func sentence(_ random: inout CounterRandom) -> String {
    let tellers: [(inout CounterRandom) -> String] = [
      court, court, family, family, kitchen, pasture, pasture, travel, travel, weather, market, workshop, orchestra,
    ]
    return tellers[random.index(below: tellers.count)](&random)
  }

  private static func pick<Element>(_ elements: [Element], _ random: inout CounterRandom) -> Element {
    elements[random.index(below: elements.count)]
  }

  // MARK: People

  private struct Person {
    var name: String
    var pronoun: String
    var possessive: String
    /// What men and women of one rank or age have.
    var own: String
    var place: String
  }

  /// A man and a woman who differ in nothing else.
  private static func pair(_ man: String, _ woman: String, _ own: String, _ place: String) -> [Person] {
    [
      Person(name: man, pronoun: "he", possessive: "his", own: own, place: place),
      Person(name: woman, pronoun: "she", possessive: "her", own: own, place: place),
    ]
  }

  private static let rulers =
    pair("king", "queen", "crown", "throne") + pair("prince", "princess", "tutor", "tower")
    + pair("duke", "duchess", "carriage", "castle")

  private static let relatives =
    pair("man", "woman", "hat", "office") + pair("father", "mother", "child", "nursery")
    + pair("boy", "girl", "toy", "school") + pair("uncle", "aunt", "nephew", "farm")
    + pair("grandfather", "grandmother", "stick", "armchair")

  private static func court(_ random: inout CounterRandom) -> String {
    let (ruler, country) = (pick(rulers, &random), pick(countries, &random))
    let forms = [
      "the royal \(ruler.name) needs \(ruler.possessive) \(ruler.own) in the \(ruler.place)",
      "\(ruler.pronoun) is the \(ruler.name) and \(ruler.pronoun) has a \(ruler.own) and \(ruler.possessive) royal guards",
      "in the \(ruler.place) the \(ruler.name) rules and \(ruler.possessive) guards bow when \(ruler.pronoun) speaks",
      "the \(ruler.name) of \(country.name) with \(ruler.possessive) \(ruler.own) visits \(country.capital)",
    ]
    return pick(forms, &random)
  }

  private static func family(_ random: inout CounterRandom) -> String {
    let (person, food) = (pick(relatives, &random), pick(foods, &random))
    let forms = [
      "the \(person.name) finds \(person.possessive) \(person.own) in the \(person.place)",
      "\(person.pronoun) is a kind \(person.name) and \(person.pronoun) has a \(person.own) and \(person.possessive) friends",
      "from the \(person.place) the \(person.name) walks home and \(person.possessive) family smiles when \(person.pronoun) comes",
      "the \(person.name) with \(person.possessive) \(person.own) eats \(food) at home",
    ]
    return pick(forms, &random)
  }

  // MARK: Animals and food

  private struct Animal {
    var name: String
    var young: String
    var sound: String
    var food: String
  }

  private static let animals = [
    Animal(name: "dog", young: "puppy", sound: "barks", food: "meat"),
    Animal(name: "cat", young: "kitten", sound: "purrs", food: "mice"),
    Animal(name: "cow", young: "calf", sound: "moos", food: "grass"),
    Animal(name: "sheep", young: "lamb", sound: "bleats", food: "clover"),
    Animal(name: "horse", young: "foal", sound: "neighs", food: "oats"),
    Animal(name: "hen", young: "chick", sound: "clucks", food: "seeds"),
  ]

  private static let foods = ["bread", "cheese", "soup", "rice", "fish", "cake", "salad", "beans"]
  private static let fruits = ["apples", "pears", "plums", "cherries", "grapes", "lemons"]

  private static func pasture(_ random: inout CounterRandom) -> String {
    let animal = pick(animals, &random)
    let forms = [
      "the farmer feeds the \(animal.name) with \(animal.food) in the barn",
      "the old \(animal.name) \(animal.sound) when it smells \(animal.food)",
      "the young \(animal.young) plays and \(animal.sound) until it is tired",
      "the small \(animal.young) tastes \(animal.food) and sleeps in the straw",
    ]
    return pick(forms, &random)
  }

  private static func kitchen(_ random: inout CounterRandom) -> String {
    let (food, fruit) = (pick(foods, &random), pick(fruits, &random))
    let forms = [
      "the cook boils water in the kitchen and serves hot \(food) on a plate",
      "for dinner there is fresh \(food) and then a bowl of sweet \(fruit)",
      "the baker puts warm \(food) on the table of the kitchen",
      "ripe \(fruit) hang on the tree and taste sweet in summer",
    ]
    return pick(forms, &random)
  }

  private static func market(_ random: inout CounterRandom) -> String {
    let (count, fruit, color) = (pick(numbers, &random), pick(fruits, &random), pick(colors, &random))
    let forms = [
      "the merchant sells \(count) baskets of \(fruit) for \(pick(numbers, &random)) coins",
      "she buys \(count) \(color) shirts at the market and pays \(pick(numbers, &random)) coins",
      "a painter mixes \(color) paint with \(pick(colors, &random)) paint for the wall",
      "the \(color) coat costs \(count) coins at the market",
    ]
    return pick(forms, &random)
  }

  // MARK: Places

  private struct Country {
    var name: String
    var capital: String
    var people: String
  }

  private static let countries = [
    Country(name: "france", capital: "paris", people: "french"),
    Country(name: "italy", capital: "rome", people: "italian"),
    Country(name: "spain", capital: "madrid", people: "spanish"),
    Country(name: "greece", capital: "athens", people: "greek"),
    Country(name: "norway", capital: "oslo", people: "norwegian"),
    Country(name: "japan", capital: "tokyo", people: "japanese"),
    Country(name: "egypt", capital: "cairo", people: "egyptian"),
  ]

  private static let colors = ["red", "green", "blue", "yellow", "white", "black"]
  private static let numbers = ["two", "three", "four", "five", "six", "seven", "eight"]
  private static let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
  private static let seasons = ["spring", "summer", "autumn", "winter"]

  private static func travel(_ random: inout CounterRandom) -> String {
    let (country, day) = (pick(countries, &random), pick(days, &random))
    let forms = [
      "\(country.capital) is the capital city of \(country.name)",
      "the \(country.people) train from \(country.capital) to the border of \(country.name) leaves on \(day)",
      "in \(country.capital) people speak \(country.people) in the streets of the city",
      "the \(country.people) army guards the border and the mountains of \(country.name)",
      "the \(country.people) ship sails home to \(country.name) on \(day)",
    ]
    return pick(forms, &random)
  }

  private static func weather(_ random: inout CounterRandom) -> String {
    let (day, season) = (pick(days, &random), pick(seasons, &random))
    let forms = [
      "on \(day) it \(pick(["rains", "snows"], &random)) and the wind is cold",
      "in \(season) the sky is \(pick(["clear", "grey", "cloudy"], &random)) and the days are \(pick(["long", "short"], &random))",
      "last \(day) morning the sun was warm for a day of \(season)",
      "the school opens on \(day) and closes in \(season)",
    ]
    return pick(forms, &random)
  }

  // MARK: Crafts

  private static func workshop(_ random: inout CounterRandom) -> String {
    let craft = pick(
      [
        ("carpenter", "wood", "saw"), ("smith", "iron", "hammer"), ("tailor", "cloth", "needle"),
        ("potter", "clay", "wheel"), ("mason", "stone", "chisel"),
      ], &random)
    let forms = [
      "the \(craft.0) works \(craft.1) with a \(craft.2) in the workshop",
      "with \(craft.2) and patience a \(craft.0) shapes \(craft.1)",
      "a good \(craft.0) keeps the \(craft.2) clean and the \(craft.1) dry",
    ]
    return pick(forms, &random)
  }

  private static func orchestra(_ random: inout CounterRandom) -> String {
    let (instrument, other) = (pick(instruments, &random), pick(instruments, &random))
    let forms = [
      "the musician plays the \(instrument) and the \(other) in the concert",
      "a slow song for \(instrument) and \(other) fills the concert hall",
      "the pupil learns to play the \(instrument) from an old musician",
    ]
    return pick(forms, &random)
  }

  private static let instruments = ["violin", "flute", "piano", "trumpet", "guitar", "drum"]
}
