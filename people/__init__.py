"""Who uses Milepost: writes down what grading said."""
